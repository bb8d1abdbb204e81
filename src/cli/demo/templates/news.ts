import type { DemoTemplate } from '../input.ts';
import { brand, template } from './mail.ts';

/** Marketing: their layout names the sender's address and the way out. */
export const newsTemplates: readonly DemoTemplate[] = [
  template(
    { name: 'weekly_digest', category: 'marketing', priority: 'low', layout: 'larkspur_news' },
    {
      mail: {
        subject: 'Your week from {{date weekOf}}',
        preview: "{{plural newMessages one='# new message' other='# new messages'}}",
        paragraphs: ['This is what happened while you were busy.'],
        list: ['highlights', '<a href="{{url link}}">{{title}}</a>'],
        facts: [
          ['New messages', '{{number newMessages}}'],
          ['Open tasks', '{{number openTasks}}'],
        ],
        button: ['Read the digest', 'digestUrl'],
      },
      sms: {
        body: `${brand} week: {{newMessages}} messages, {{openTasks}} tasks. {{digestUrl}} Reply STOP to leave.`,
      },
      push: {
        title: 'Your week',
        body: '{{#each highlights}}{{#if @first}}{{title}}{{/if}}{{/each}}',
      },
      in_app: {
        title: 'Your week from {{date weekOf}}',
        body: "{{plural newMessages one='# new message' other='# new messages'}}, {{plural openTasks one='# open task' other='# open tasks'}}.",
        actionUrl: '{{url digestUrl}}',
      },
    },
    {
      de: {
        mail: {
          subject: 'Ihre Woche ab {{date weekOf}}',
          preview: "{{plural newMessages one='# neue Nachricht' other='# neue Nachrichten'}}",
          greeting: 'Guten Tag <span dir="auto">{{userName}}</span>,',
          paragraphs: ['Das ist geschehen, während Sie zu tun hatten.'],
          list: ['highlights', '<a href="{{url link}}">{{title}}</a>'],
          facts: [
            ['Neue Nachrichten', '{{number newMessages}}'],
            ['Offene Aufgaben', '{{number openTasks}}'],
          ],
          button: ['Alles lesen', 'digestUrl'],
        },
        sms: {
          body: `${brand}: {{newMessages}} Nachrichten, {{openTasks}} Aufgaben. {{digestUrl}} STOP beendet.`,
        },
        push: { title: 'Ihre Woche', body: '{{number newMessages}} neue Nachrichten' },
        in_app: {
          title: 'Ihre Woche ab {{date weekOf}}',
          body: "{{plural newMessages one='# neue Nachricht' other='# neue Nachrichten'}}.",
          actionUrl: '{{url digestUrl}}',
        },
      },
      ja: {
        mail: {
          subject: '{{date weekOf}}からの1週間',
          preview: "新着メッセージ{{plural newMessages other='#件'}}",
          greeting: '<span dir="auto">{{userName}}</span>さん、こんにちは。',
          paragraphs: ['今週の出来事をまとめました。'],
          list: ['highlights', '<a href="{{url link}}">{{title}}</a>'],
          facts: [
            ['新着メッセージ', "{{plural newMessages other='#件'}}"],
            ['未完了のタスク', "{{plural openTasks other='#件'}}"],
          ],
          button: ['すべて読む', 'digestUrl'],
        },
        sms: { body: `${brand}: 新着{{newMessages}}件。{{digestUrl}} 配信停止はSTOP` },
        push: { title: '今週のまとめ', body: "新着メッセージ{{plural newMessages other='#件'}}" },
        in_app: {
          title: '{{date weekOf}}からの1週間',
          body: "新着メッセージ{{plural newMessages other='#件'}}。",
          actionUrl: '{{url digestUrl}}',
        },
      },
    },
  ),
  template(
    { name: 'product_update', category: 'marketing', priority: 'low', layout: 'larkspur_news' },
    {
      mail: {
        subject: `New in ${brand}: {{featureName}}`,
        preview: '{{summary}}',
        paragraphs: [
          '{{summary}}',
          '{{#if requiresUpdate}}Update your app to version {{releaseVersion}} to use it.{{else}}It is there already, in version {{releaseVersion}}.{{/if}}',
        ],
        button: ['See how it works', 'learnMoreUrl'],
      },
      sms: {
        body: `New in ${brand}: {{featureName}}. {{learnMoreUrl}} Reply STOP to leave.`,
      },
      push: { title: 'New: {{featureName}}', body: '{{summary}}' },
      in_app: {
        title: 'New: {{featureName}}',
        body: '{{summary}}{{#if requiresUpdate}} Needs version {{releaseVersion}}.{{/if}}',
        actionUrl: '{{url learnMoreUrl}}',
      },
    },
  ),
];
