import type { DemoTemplate } from '../input.ts';
import { brand, template } from './mail.ts';

/** What is said about orders and invoices. */
export const orderTemplates: readonly DemoTemplate[] = [
  template(
    { name: 'order_shipped', category: 'transactional', priority: 'normal', layout: 'larkspur' },
    {
      mail: {
        subject: 'Order {{orderNumber}} is on its way',
        preview: '{{carrier}} brings it on {{date deliveryDate}}.',
        paragraphs: [
          'Your order has left our warehouse and is on its way to {{city}}.',
          '{{#if signatureRequired}}Someone has to sign for it.{{else}}Nobody has to be at home.{{/if}}',
        ],
        facts: [
          ['Order', '{{orderNumber}}'],
          ['First item', '{{productName}}'],
          ['Items', "{{plural itemCount one='# item' other='# items'}}"],
          ['Carrier', '{{carrier}} {{trackingNumber}}'],
          ['Expected', "{{date deliveryDate 'full'}}"],
        ],
        button: ['Track the parcel', 'trackingUrl'],
      },
      sms: {
        body: `${brand}: order {{orderNumber}} arrives on {{date deliveryDate}}. Track it: {{trackingUrl}}`,
      },
      push: {
        title: 'On its way',
        body: '{{productName}} arrives on {{date deliveryDate}} with {{carrier}}.',
        data: { order: '{{orderNumber}}' },
      },
      in_app: {
        title: 'Order {{orderNumber}} has shipped',
        body: "To {{city}}, expected on {{date deliveryDate}}: {{plural itemCount one='# item' other='# items'}}.",
        actionUrl: '{{url trackingUrl}}',
      },
    },
    {
      de: {
        mail: {
          subject: 'Bestellung {{orderNumber}} ist unterwegs',
          preview: '{{carrier}} bringt sie am {{date deliveryDate}}.',
          greeting: 'Guten Tag <span dir="auto">{{userName}}</span>,',
          paragraphs: [
            'Ihre Bestellung hat unser Lager verlassen und ist unterwegs nach {{city}}.',
            '{{#if signatureRequired}}Jemand muss sie annehmen.{{else}}Niemand muss zu Hause sein.{{/if}}',
          ],
          facts: [
            ['Bestellung', '{{orderNumber}}'],
            ['Inhalt', "{{plural itemCount one='# Artikel' other='# Artikel'}}, {{productName}}"],
            ['Zustellung', "{{date deliveryDate 'full'}}"],
          ],
          button: ['Sendung verfolgen', 'trackingUrl'],
        },
        sms: {
          body: `${brand}: {{orderNumber}} kommt am {{date deliveryDate 'medium'}}. Verfolgen: {{trackingUrl}}`,
        },
        push: { title: 'Unterwegs', body: '{{productName}} kommt am {{date deliveryDate}}.' },
        in_app: {
          title: 'Bestellung {{orderNumber}} ist unterwegs',
          body: 'Nach {{city}}, erwartet am {{date deliveryDate}}.',
          actionUrl: '{{url trackingUrl}}',
        },
      },
      ru: {
        mail: {
          subject: 'Заказ {{orderNumber}} отправлен',
          preview: '{{carrier}}, {{date deliveryDate}}.',
          greeting: 'Здравствуйте, <span dir="auto">{{userName}}</span>!',
          paragraphs: [
            "Ваш заказ ({{plural itemCount one='# товар' few='# товара' many='# товаров' other='# товара'}}) в пути: {{city}}.",
            '{{#if signatureRequired}}Понадобится подпись.{{else}}Быть дома необязательно.{{/if}}',
          ],
          facts: [
            ['Заказ', '{{orderNumber}}'],
            ['Доставка', "{{date deliveryDate 'full'}}"],
          ],
          button: ['Отследить посылку', 'trackingUrl'],
        },
        sms: { body: `${brand}: {{orderNumber}}, {{date deliveryDate 'medium'}}. {{trackingUrl}}` },
        push: { title: 'Заказ в пути', body: '{{productName}}, {{date deliveryDate}}.' },
        in_app: {
          title: 'Заказ {{orderNumber}} отправлен',
          body: '{{city}}, {{date deliveryDate}}.',
          actionUrl: '{{url trackingUrl}}',
        },
      },
    },
  ),
  template(
    { name: 'invoice_due', category: 'transactional', priority: 'normal', layout: 'larkspur' },
    {
      mail: {
        subject:
          'Invoice {{invoiceNumber}} {{#if overdue}}was due{{else}}is due{{/if}} on {{date dueDate}}',
        preview: '{{currency amount currencyCode}} for invoice {{invoiceNumber}}.',
        paragraphs: [
          '{{#if overdue}}We have not seen your payment yet.{{else}}This is a reminder of your next payment.{{/if}} If you paid in the last two days, there is nothing to do.',
        ],
        figure: '{{currency amount currencyCode}}',
        facts: [
          ['Invoice', '{{invoiceNumber}}'],
          ['Due', "{{date dueDate 'full'}}"],
        ],
        button: ['Pay now', 'payUrl'],
      },
      sms: {
        body: `${brand}: invoice {{invoiceNumber}}, {{currency amount currencyCode}}, due {{date dueDate}}. Pay: {{payUrl}}`,
      },
      push: {
        title: '{{#if overdue}}Invoice overdue{{else}}Invoice due{{/if}}',
        body: '{{currency amount currencyCode}} on {{date dueDate}}, invoice {{invoiceNumber}}.',
        data: { invoice: '{{invoiceNumber}}' },
      },
      in_app: {
        title: 'Invoice {{invoiceNumber}}',
        body: '{{currency amount currencyCode}} {{#if overdue}}was due{{else}}is due{{/if}} on {{date dueDate}}.',
        actionUrl: '{{url payUrl}}',
      },
    },
    {
      de: {
        mail: {
          subject:
            'Rechnung {{invoiceNumber}} {{#if overdue}}war{{else}}ist{{/if}} am {{date dueDate}} fällig',
          preview: '{{currency amount currencyCode}}, Rechnung {{invoiceNumber}}.',
          greeting: 'Guten Tag <span dir="auto">{{userName}}</span>,',
          paragraphs: [
            '{{#if overdue}}Ihre Zahlung ist noch nicht bei uns.{{else}}Wir erinnern an Ihre nächste Zahlung.{{/if}}',
          ],
          figure: '{{currency amount currencyCode}}',
          facts: [['Fällig', "{{date dueDate 'full'}}"]],
          button: ['Jetzt zahlen', 'payUrl'],
        },
        sms: {
          body: `${brand}: Rechnung {{invoiceNumber}}, {{currency amount currencyCode}}, bis {{date dueDate 'medium'}}: {{payUrl}}`,
        },
        push: { title: 'Rechnung', body: '{{currency amount currencyCode}}, {{date dueDate}}.' },
        in_app: {
          title: 'Rechnung {{invoiceNumber}}',
          body: '{{currency amount currencyCode}}, fällig am {{date dueDate}}.',
          actionUrl: '{{url payUrl}}',
        },
      },
      ja: {
        mail: {
          subject: '請求書 {{invoiceNumber}} のお支払い期限: {{date dueDate}}',
          preview: '{{currency amount currencyCode}}',
          greeting: '<span dir="auto">{{userName}}</span> 様',
          paragraphs: [
            '{{#if overdue}}お支払いをまだ確認できておりません。{{else}}次回のお支払いについてのお知らせです。{{/if}}',
          ],
          figure: '{{currency amount currencyCode}}',
          facts: [['お支払い期限', "{{date dueDate 'full'}}"]],
          button: ['支払う', 'payUrl'],
        },
        sms: {
          body: `${brand}: {{currency amount currencyCode}}、期限{{date dueDate}}。{{payUrl}}`,
        },
        push: { title: '請求書', body: '{{currency amount currencyCode}}、{{date dueDate}}まで' },
        in_app: {
          title: '請求書 {{invoiceNumber}}',
          body: '{{currency amount currencyCode}}、期限は{{date dueDate}}です。',
          actionUrl: '{{url payUrl}}',
        },
      },
    },
  ),
];
