import { createHash } from 'node:crypto';
import type { DemoCategory, DemoChannel, DemoUser } from './input.ts';

/**
 * Who lives where: `locale zone phone-prefix` → people. A name in a script other than Latin is
 * preceded by the local part of its email address; the others give their own.
 *
 * Phone prefixes get two more digits. Countries whose regulator reserves numbers for fiction use
 * those (+1 NXX 555 01xx, +44 7700 900xxx, +33 6 39 98 xxxx, +49 176 040690xx, +46 70 174 06xx,
 * +353 20 91x xxxx, the list below for +61); all others use a national number that starts with 00,
 * which no numbering plan gives to a subscriber.
 */
const people: Readonly<Record<string, string>> = {
  'en-US America/New_York +121255501':
    'Maya Whitfield, Caleb Ostrander, bounce.elsie.marlow=Elsie Marlow, Jerome Tuckwell, Priscilla Van Horne',
  'en-US America/Chicago +131255501':
    'Nadine Kesterson, Otis Pemberton, Luz Arredondo, Harlan Brightwater',
  'en-US America/Denver +130355501': 'Tess Hollowell, Wyatt Lindqvist, Corinne Abeyta',
  'en-US America/Phoenix +160255501': 'Ramona Begaye, Dale Hutchcraft',
  'en-US America/Los_Angeles +121355501':
    'Kiri Okafor-Lane, Devon Saldivar, Imogen Tran, Ezra Fontenot',
  'en-US America/Anchorage +190755501': 'Signe Halvorsen, Noah Kettleson',
  'haw-US Pacific/Honolulu +180855501': 'Leilani Kaʻōpua, Keoni Nāmaka',
  'es-PR America/Puerto_Rico +178755501': 'Yaritza Colón, Efraín Maldonado',
  'en-CA America/Toronto +141655501': 'Rowan MacAllister, Anneke Thibault',
  'fr-CA America/Toronto +151455501': 'Maëlle Gagnon-Roy, Félix-Antoine Bédard, Océane Lachapelle',
  'en-CA America/St_Johns +170955501': 'Bridget Puddister, Clarence Noseworthy',
  'en-CA America/Halifax +190255501': 'Fiona Comeau, Angus Rankine',
  'en-CA America/Vancouver +160455501': 'Linnea Hargrove, Jasper Quill',
  'kl-GL America/Nuuk +2990055501': 'Pipaluk Kreutzfeldt',
  'es-MX America/Mexico_City +520055501':
    'Ximena Treviño, Íñigo Zúñiga, María José Cárdenas, bounce.carlos.medrano=Carlos Medrano',
  'es-CO America/Bogota +570055501': 'Valentina Ñáñez, Andrés Echeverri, Sofía Londoño',
  'es-VE America/Caracas +580055501': 'Gabriela Urdaneta, Nicolás Guánchez',
  'es-PE America/Lima +510055501': 'Killa Quispe, Rodrigo Huamán',
  'es-CL America/Santiago +560055501': 'Antonia Sepúlveda, Matías Ñancupil',
  'es-AR America/Argentina/Buenos_Aires +540055501':
    'Lucía Etchegaray, Bautista Güiraldez, Martina Iñíguez',
  'pt-BR America/Sao_Paulo +550055501':
    'Thaís Gonçalves, João Vítor Brandão, Conceição Araújo, Caetana Falcão',
  'pt-BR America/Manaus +550055501': 'Iracema Tapajós, Raoni Magalhães',
  'en-GB Europe/London +4477009001':
    'Harriet Ashdown, Callum Drysdale, Siân Llewelyn-Pugh, Tobias Fenwick, bounce.percy.lockhart=Percy Lockhart, Niamh Ferris',
  'ga-IE Europe/Dublin +3532091001': 'Caoimhe Ní Dhálaigh, Oisín Mac Giolla, Aoibheann Ó Cuinn',
  'is-IS Atlantic/Reykjavik +3540055501': 'Þórdís Eldjárnsdóttir, Hallgrímur Æsisson',
  'pt-PT Europe/Lisbon +3510055501': 'Inês Quintão, Simão Vasconcelos',
  'pt-PT Atlantic/Azores +3510055501': 'Graça Furtado',
  'es-ES Europe/Madrid +340055501': 'Begoña Aranzábal, Nuño Castañeda, Itziar Mendizábal',
  'ca-ES Europe/Madrid +340055501': 'Montserrat Puigdemunt, Oriol Vilaró',
  'es-ES Atlantic/Canary +340055501': 'Yurena Betancor, Airam Doreste',
  'fr-FR Europe/Paris +336399801':
    'Éloïse Charpentier-Noël, Gaëtan Lefèvre, Zoé Maréchal, Loïc Kerguélen, Amélie Desrosières',
  'nl-NL Europe/Amsterdam +310055501': 'Fenna van der Wijk, Joris IJsselstein, Renée Kuipers-Smits',
  'nl-BE Europe/Brussels +320055501': 'Liesbeth Verstraete, Wannes De Clercq',
  'de-DE Europe/Berlin +49176040690':
    'Jürgen Weißhaupt, Käthe Öhlschläger, Björn Großmann, Annika Lüdecke, Sören Thießen',
  'de-AT Europe/Vienna +430055501': 'Leopold Hübsch, Theres Gschwandtner',
  'de-CH Europe/Zurich +410055501': 'Urs Zgraggen, Reto Aschwander, Flurina Caduff',
  'it-IT Europe/Rome +390055501': "Niccolò Testi, Chiara Dell'Orto, Letizia Sanfilò",
  'mt-MT Europe/Malta +3560055501': 'Ġorġina Żahra',
  'da-DK Europe/Copenhagen +450055501': 'Søren Ægidius, Mette Højlund',
  'nb-NO Europe/Oslo +470055501': 'Åse Bjørnstad, Håkon Sæther, Øyvind Nygård',
  'sv-SE Europe/Stockholm +467017406': 'Göran Åkerblom, Märta Sjöberg-Ström, Linnéa Öqvist',
  'fi-FI Europe/Helsinki +3580055501': 'Väinö Hämäläinen, Päivi Yrjänäinen',
  'et-EE Europe/Tallinn +3720055501': 'Õnne Pärnamäe, Jüri Käärik',
  'lv-LV Europe/Riga +3710055501': 'Līga Bērziņa, Kārlis Zvaigznītis',
  'lt-LT Europe/Vilnius +3700055501': 'Rūta Žukauskienė, Ąžuolas Šimkūnas',
  'pl-PL Europe/Warsaw +480055501': 'Małgorzata Źródlewska, Łukasz Świątkowski, Żaneta Ćwiklińska',
  'cs-CZ Europe/Prague +4200055501': 'Řehoř Šťastný, Zdeňka Dvořáčková',
  'sk-SK Europe/Bratislava +4210055501': 'Ľubica Hrušovská, Dušan Kôstka',
  'hu-HU Europe/Budapest +360055501': 'Fűzfai Tünde, Ősz Győző',
  'ro-RO Europe/Bucharest +400055501': 'Ștefania Țurcanu, Mihnea Grădinaru',
  'hr-HR Europe/Zagreb +3850055501': 'Željka Đurđević, Tomislav Čičak',
  'sl-SI Europe/Ljubljana +3860055501': 'Špela Žganjar',
  'sq-AL Europe/Tirane +3550055501': 'Ëndrra Çobani',
  'sr-RS Europe/Belgrade +3810055501':
    'jelena.djordjic=Јелена Ђорђић, ljubomir.dzambic=Љубомир Џамбић',
  'bg-BG Europe/Sofia +3590055501':
    'cvetelina.zhelyazkova=Цветелина Желязкова, stoyan.shterev=Стоян Щерев',
  'uk-UA Europe/Kyiv +3800055501':
    'solomiia.hrytsenko=Соломія Гриценко, ostap.yaremchuk=Остап Яремчук, yizhak.gudz=Їжак Ґудзь',
  'ru-RU Europe/Moscow +70055501':
    'darya.sokolovskaya=Дарья Соколовская, ilya.voronikhin=Илья Воронихин',
  'ru-RU Asia/Yekaterinburg +70055501': 'semyon.podyachev=Семён Подъячев',
  'ru-RU Asia/Vladivostok +70055501': 'yulia.shchukina=Юлия Щукина',
  'kk-KZ Asia/Almaty +70055502':
    'aigerim.sarsenbaeva=Айгерім Сәрсенбаева, nurlan.otegenov=Нұрлан Өтегенов',
  'mn-MN Asia/Ulaanbaatar +9760055501':
    'oyuunchimeg.batsukh=Оюунчимэг Батсүх, ganzorig.dulguun=Ганзориг Дөлгөөн',
  'uz-UZ Asia/Tashkent +9980055501': 'Dilnoza Yoʻldosheva, Jahongir Toʻrayev',
  'el-GR Europe/Athens +300055501':
    'eleni.papageorgaki=Ελένη Παπαγεωργάκη, theofilos.xanthakis=Θεόφιλος Ξανθάκης, ifigeneia.psarrou=Ιφιγένεια Ψαρρού, odysseas.chatziloukas=Οδυσσέας Χατζηλούκας',
  'tr-TR Europe/Istanbul +900055501': 'İpek Gündoğdu, Çağrı Işıklar, Şükrü Öztunalı',
  'ka-GE Asia/Tbilisi +9950055501':
    'nino.beradze=ნინო ბერაძე, giorgi.tsikaridze=გიორგი წიქარიძე, tamar.chelidze=თამარ ჭელიძე, levan.ghvinashvili=ლევან ღვინაშვილი',
  'hy-AM Asia/Yerevan +3740055501':
    'anahit.grigoryan=Անահիտ Գրիգորյան, tigran.hakobjanyan=Տիգրան Հակոբջանյան, shushan.melkumyan=Շուշան Մելքումյան',
  'az-AZ Asia/Baku +9940055501': 'Günel Məmmədxanlı, Rəşad Hüseynzadə',
  'he-IL Asia/Jerusalem +9720055501':
    'noa.shkedi=נועה שקדי, itamar.goldfarb=איתמר גולדפרב, shira.almog=שירה אלמוג, yonatan.zukerman=יונתן צוקרמן',
  'ar-LB Asia/Beirut +9610055501': 'rim.khazen=ريم الخازن, jad.maalouf=جاد معلوف',
  'ar-EG Africa/Cairo +200055501':
    'nadine.shalaby=نادين شلبي, hazem.qenawy=حازم القناوي, salma.beheiry=سلمى البحيري, walid.sonbaty=وليد السنباطي',
  'ar-SA Asia/Riyadh +9660055501': 'noura.shamrani=نورة الشمراني, majed.khathami=ماجد الخثعمي',
  'ar-AE Asia/Dubai +9710055501': 'maitha.ketbi=ميثاء الكتبي, sultan.dhahri=سلطان الظاهري',
  'ar-MA Africa/Casablanca +2120055501': 'ghita.tazi=غيثة التازي, yassine.ouazzani=ياسين الوزاني',
  'zgh-MA Africa/Casablanca +2120055501': 'tanirt.amghar=ⵜⴰⵏⵉⵔⵜ ⴰⵎⵖⴰⵔ',
  'fa-IR Asia/Tehran +980055501':
    'shirin.mousavinejad=شیرین موسوی‌نژاد, keyvan.pourfarhad=کیوان پورفرهاد, negar.golestani=نگار گلستانی',
  'fa-AF Asia/Kabul +930055501': 'zarghuna.stanekzai=زرغونه ستانکزی, haroon.nurzad=هارون نورزاد',
  'ur-PK Asia/Karachi +920055501': 'zainab.chughtai=زینب چغتائی, arsalan.bhatti=ارسلان بھٹی',
  'hi-IN Asia/Kolkata +910055501':
    'ananya.trivedi=अनन्या त्रिवेदी, vikram.chaturvedi=विक्रम चतुर्वेदी, meenakshi.jha=मीनाक्षी झा, rohan.vajpayee=रोहन वाजपेयी',
  'bn-BD Asia/Dhaka +8800055501':
    'tasnim.chowdhury=তাসনিম চৌধুরী, rafiqul.haldar=রফিকুল হালদার, mousumi.duttagupta=মৌসুমী দত্তগুপ্ত',
  'ta-IN Asia/Kolkata +910055501':
    'kayalvizhi.sundaram=கயல்விழி சுந்தரம், muthukumar.pandian=முத்துக்குமார் பாண்டியன்',
  'te-IN Asia/Kolkata +910055501':
    'sravani.kondapalli=శ్రావణి కొండపల్లి, harshavardhan.guntur=హర్షవర్ధన్ గుంటూరు',
  'ml-IN Asia/Kolkata +910055501': 'athira.nambiar=ആതിര നമ്പ്യാർ',
  'pa-IN Asia/Kolkata +910055501': 'harleen.grewal=ਹਰਲੀਨ ਗਰੇਵਾਲ',
  'gu-IN Asia/Kolkata +910055501': 'dhvani.patel=ધ્વનિ પટેલ',
  'kn-IN Asia/Kolkata +910055501': 'chaithra.hegde=ಚೈತ್ರಾ ಹೆಗ್ಡೆ',
  'ta-LK Asia/Colombo +940055501': 'nilani.tharmaraja=நிலானி தர்மராஜா',
  'si-LK Asia/Colombo +940055501': 'nadeesha.wijeratne=නදීශා විජේරත්න, kasun.herath=කසුන් හේරත්',
  'ne-NP Asia/Kathmandu +9770055501': 'srijana.shrestha=सृजना श्रेष्ठ, bikram.gurung=बिक्रम गुरुङ',
  'my-MM Asia/Yangon +950055501': 'thiri.nwe=သီရိ နွယ်, aung.kyawmin=အောင် ကျော်မင်း',
  'th-TH Asia/Bangkok +660055501':
    'kanokwan.srisawat=กนกวรรณ ศรีสวัสดิ์, theeraphat.wongsuwankit=ธีรภัทร วงศ์สุวรรณกิจ, piyanuch.kaewmanee=ปิยะนุช แก้วมณี',
  'lo-LA Asia/Vientiane +8560055501': 'bualong.phommachan=ບົວລອງ ພົມມະຈັນ',
  'km-KH Asia/Phnom_Penh +8550055501': 'sreypov.chantha=ស្រីពៅ ចាន់ថា, sok.vibol=សុខ វិបុល',
  'vi-VN Asia/Ho_Chi_Minh +840055501': 'Nguyễn Thùy Ánh Dương, Trần Đăng Khôi Vĩ, Lê Phước Thịnh',
  'id-ID Asia/Jakarta +620055501': 'Dwi Larasati Wulandari, Bagus Prakoso',
  'id-ID Asia/Makassar +620055501': 'Andi Rasmawati',
  'id-ID Asia/Jayapura +620055501': 'Yosina Wamafma',
  'ms-MY Asia/Kuala_Lumpur +600055501': 'Nurul Aisyah binti Rashdan, Hafiz Zulkarnain',
  'zh-Hans-SG Asia/Singapore +650055501': 'lin.huimin=林慧敏, huang.junhao=黄俊豪',
  'fil-PH Asia/Manila +630055501': 'Ligaya Dimaculangan, Jun-Jun Peñaflor',
  'zh-Hans-CN Asia/Shanghai +860055501':
    'zhou.yutong=周雨桐, xu.jiahe=许嘉禾, ouyang.siyuan=欧阳思源, han.mengjie=韩梦洁',
  'zh-Hant-HK Asia/Hong_Kong +8520055501':
    'fung.hiuching=馮曉晴, kwong.lokhim=鄺樂謙, auyeung.hoiching=歐陽凱晴',
  'zh-Hant-TW Asia/Taipei +8860055501':
    'tsai.peichen=蔡佩蓁, hsiao.youting=蕭宥廷, luo.yongen=羅詠恩',
  'ja-JP Asia/Tokyo +810055501':
    'watanabe.sakura=渡辺 さくら, okubo.ren=大久保 蓮, mizuno.akari=みずの あかり, kurosawa.yu=クロサワ ユウ, igarashi.yuina=五十嵐 結菜',
  'ko-KR Asia/Seoul +820055501':
    'namgung.hayun=남궁하윤, seo.jian=서지안, hwangbo.minjae=황보민재, yun.narae=윤나래',
  'en-AU Australia/Sydney +61': 'Matilda Greenway, Lachlan Byrnes, Bronte Yarrow',
  'en-AU Australia/Brisbane +61': 'Jarrah Coombes, Tilly Maguire',
  'en-AU Australia/Adelaide +61': 'Edith Vogelsang, Darcy Munro',
  'en-AU Australia/Darwin +61': 'Kirra Gundersen, Banjo Fairweather',
  'en-AU Australia/Perth +61': 'Zara Littlejohn, Hugh Penrose',
  'en-AU Australia/Eucla +61': 'Mavis Dunstan',
  'en-AU Australia/Lord_Howe +61': 'Clive Thornbury',
  'en-AU Australia/Hobart +61': 'Isla Featherstone',
  'en-NZ Pacific/Auckland +640055501': 'Hamish Oakes, Philippa Dunmore',
  'mi-NZ Pacific/Auckland +640055501': 'Aroha Tāwhiri, Wiremu Pākura',
  'mi-NZ Pacific/Chatham +640055501': 'Tāmati Rangikawe',
  'en-FJ Pacific/Fiji +6790055501': 'Sereana Vakatawa',
  'sm-WS Pacific/Apia +6850055501': 'Sina Faleolo',
  'en-KI Pacific/Kiritimati +6860055501': 'Tekea Baraniko',
  'fr-PF Pacific/Marquesas +6890055501': 'Moana Tehaurai',
  'am-ET Africa/Addis_Ababa +2510055501':
    'selamawit.teklemariam=ሰላማዊት ተክለማርያም, yonas.gebrehiwot=ዮናስ ገብረሕይወት, birkti.woldeselassie=ብርክቲ ወልደሥላሴ',
  'ti-ER Africa/Asmara +2910055501': 'senait.tsegay=ሰናይት ጸጋይ',
  'sw-KE Africa/Nairobi +2540055501': 'Wanjirũ Kamotho, Otieno Achola',
  'sw-TZ Africa/Dar_es_Salaam +2550055501': 'Neema Mtambile',
  'yo-NG Africa/Lagos +2340055501': 'Ọláyínká Adébọ̀wálé, Ìyábọ̀ Ọ̀ṣúndínà',
  'ig-NG Africa/Lagos +2340055501': 'Chịnedụ Ọkọrọ',
  'fr-SN Africa/Dakar +2210055501': 'Ndèye Coumba Sarr, Aliou Diédhiou',
  'fr-CI Africa/Abidjan +2250055501': 'Aya Kouamé',
  'pt-AO Africa/Luanda +2440055501': 'Esperança Kiala',
  'zu-ZA Africa/Johannesburg +270055501': 'Nomthandazo Khuzwayo, Pieter Nel-Vosloo',
  'mg-MG Indian/Antananarivo +2610055501': 'Hanitriniaina Rakotozafy',
};

/** Mobile numbers that the Australian regulator (ACMA) keeps for creative works. */
const australianMobiles =
  '491570006 491570156 491570157 491570158 491570159 491570110 491570313 491570737 491571266 491571491 491571804 491572549 491572665 491572983 491573770';

const domains = ['example.com', 'example.org', 'example.net', 'mail.example', 'post.example'];

const all = (...categories: readonly DemoCategory[]): DemoUser['preferences'] => {
  const off = Object.fromEntries(categories.map((category) => [category, false]));
  return { email: off, sms: off, push: off, in_app: off };
};
const one = (channel: DemoChannel, category: DemoCategory, choice: boolean) => ({
  [channel]: { [category]: choice },
});

/** Who chose something else than the rest, by the local part of the email address. */
const chosen: Readonly<Record<string, DemoUser['preferences']>> = {
  'dale.hutchcraft': all('transactional', 'marketing', 'system'),
  'reto.aschwander': all('transactional', 'marketing', 'system'),
  'majed.khathami': all('transactional', 'marketing', 'system'),
  'caleb.ostrander': one('email', 'marketing', false),
  'zoe.marechal': one('email', 'marketing', false),
  'xu.jiahe': one('sms', 'marketing', false),
  'ananya.trivedi': one('sms', 'marketing', false),
  'seo.jian': one('push', 'marketing', false),
  'tamar.chelidze': one('push', 'marketing', false),
  'otieno.achola': one('in_app', 'marketing', false),
  'kathe.ohlschlager': one('sms', 'transactional', false),
  'tobias.fenwick': one('sms', 'transactional', false),
  'mizuno.akari': one('sms', 'transactional', false),
  'conceicao.araujo': one('sms', 'transactional', false),
  'harriet.ashdown': one('email', 'marketing', true),
  'itamar.goldfarb': one('push', 'marketing', true),
  'bounce.elsie.marlow': {},
  'bounce.carlos.medrano': {},
  'bounce.percy.lockhart': {},
};

/** Whose second device no longer has the app. */
const uninstalled: readonly string[] = ['ezra.fontenot', 'piyanuch.kaewmanee'];

const hash = (text: string) => createHash('sha512').update(text).digest();

/** A digit and a letter per byte, so that no id has a run of digits like a phone number. */
const opaqueId = (text: string) =>
  Array.from(
    hash(text).subarray(0, 7),
    (byte) => `${byte % 10}${String.fromCharCode(97 + (byte % 26))}`,
  ).join('');

const deviceToken = (text: string) =>
  `${hash(`${text}/id`).toString('base64url').slice(0, 22)}:APA91b${(
    hash(`${text}/1`).toString('base64url') + hash(`${text}/2`).toString('base64url')
  ).slice(0, 134)}`;

/** Letters that Unicode doesn't decompose. */
const plain: Readonly<Record<string, string>> = {
  æ: 'ae',
  ð: 'd',
  ø: 'o',
  ß: 'ss',
  þ: 'th',
  đ: 'd',
  ı: 'i',
  ł: 'l',
  ə: 'e',
};

const localPartOf = (name: string) =>
  name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[æøþðßłđıə]/g, (letter) => plain[letter] ?? '')
    .replace(/[^a-z -]/g, '')
    .replaceAll(' ', '.');

const phones = (prefix: string): readonly string[] =>
  prefix === '+61'
    ? australianMobiles.split(' ').map((mobile) => `+61${mobile}`)
    : // 37 and 90 have no common factor: every number from 10 to 99 once, in no visible order.
      Array.from({ length: 90 }, (_, nth) => `${prefix}${10 + ((nth * 37 + 5) % 90)}`);

const free = new Map<string, string[]>();
const takePhone = (prefix: string): string => {
  const left = free.get(prefix) ?? [...phones(prefix)];
  free.set(prefix, left);
  const phone = left.shift();
  if (phone === undefined) throw new Error(`No phone number is left in ${prefix}`);
  return phone;
};

interface Person {
  readonly locale: string;
  readonly timezone: string;
  readonly prefix: string;
  readonly localPart: string;
  readonly name: string;
}

const toUser = (person: Person, index: number): DemoUser => {
  const { localPart, name, locale, timezone, prefix } = person;
  const devices = index % 5 === 2 ? [localPart, `${localPart}/tablet`] : [localPart];
  const tokens = devices.map(deviceToken);
  return {
    userId: `u-${opaqueId(localPart)}`,
    name,
    email: `${localPart}@${domains[index % domains.length] ?? 'example.com'}`,
    phone: takePhone(prefix),
    timezone,
    locale,
    deviceTokens: uninstalled.includes(localPart)
      ? [...tokens, `dead${deviceToken(`${localPart}/old`)}`]
      : tokens,
    // Every ninth never said yes to offers by text message.
    wantsOffersBySms: index % 9 !== 5,
    // Every twelfth wants no marketing at all: about 8 %.
    preferences: chosen[localPart] ?? (index % 12 === 7 ? all('marketing') : {}),
  };
};

const persons = Object.entries(people).flatMap(([place, names]) => {
  const [locale = '', timezone = '', prefix = ''] = place.split(' ');
  return names.split(', ').map((entry): Person => {
    const [first = '', second] = entry.split('=');
    const name = second ?? first;
    return { locale, timezone, prefix, name, localPart: second ? first : localPartOf(name) };
  });
});

/** More than 240 invented users, the same in every run. */
export const demoUsers: readonly DemoUser[] = persons.map(toUser);
