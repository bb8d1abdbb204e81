import type { DemoTemplate } from '../input.ts';
import { brand, template } from './mail.ts';

/** What is said about an account: welcome, passwords, sign-ins, codes. */
export const accountTemplates: readonly DemoTemplate[] = [
  template(
    { name: 'welcome', category: 'transactional', priority: 'normal', layout: 'larkspur' },
    {
      mail: {
        subject: `Welcome to ${brand}, {{userName}}`,
        preview: 'Your account is ready.',
        paragraphs: [
          '{{#if invited}}Your team is waiting for you. {{/if}}Your account is ready, on the {{planName}} plan.',
          "You can try everything for {{plural trialDays one='# day' other='# days'}}, until {{date trialEnds}}. We tell you before the trial ends.",
        ],
        button: ['Set up your account', 'startUrl'],
      },
      sms: {
        body: `${brand}: your account is ready. Try {{planName}} until {{date trialEnds}}: {{startUrl}}`,
      },
      push: {
        title: `Welcome to ${brand}`,
        body: 'Your {{planName}} account is ready.',
        data: { plan: '{{planName}}' },
      },
      in_app: {
        title: 'Welcome, {{userName}}',
        body: "{{#if invited}}Your team is waiting for you. {{/if}}You have {{plural trialDays one='# day' other='# days'}} to try {{planName}}.",
        actionUrl: '{{url startUrl}}',
      },
    },
    {
      de: {
        mail: {
          subject: `Willkommen bei ${brand}, {{userName}}`,
          preview: 'Ihr Konto ist bereit.',
          greeting: 'Guten Tag <span dir="auto">{{userName}}</span>,',
          paragraphs: [
            '{{#if invited}}Ihr Team wartet schon auf Sie. {{/if}}Ihr Konto ist bereit, mit dem Tarif {{planName}}.',
            "Sie können {{plural trialDays one='# Tag' other='# Tage'}} lang alles ausprobieren, bis zum {{date trialEnds}}. Bevor die Zeit endet, melden wir uns.",
          ],
          button: ['Konto einrichten', 'startUrl'],
        },
        sms: {
          body: `${brand}: Ihr Konto ist bereit. {{planName}} bis {{date trialEnds 'medium'}} ausprobieren: {{startUrl}}`,
        },
        push: { title: `Willkommen bei ${brand}`, body: 'Ihr Konto ({{planName}}) ist bereit.' },
        in_app: {
          title: 'Willkommen, {{userName}}',
          body: "Sie haben {{plural trialDays one='# Tag' other='# Tage'}}, um {{planName}} auszuprobieren.",
          actionUrl: '{{url startUrl}}',
        },
      },
      ja: {
        mail: {
          subject: `${brand}へようこそ、{{userName}}さん`,
          preview: 'アカウントの準備ができました。',
          greeting: '<span dir="auto">{{userName}}</span>さん、こんにちは。',
          paragraphs: [
            '{{#if invited}}チームの皆さんがお待ちです。{{/if}}{{planName}}プランのアカウントをご利用いただけます。',
            "{{date trialEnds}}までの{{plural trialDays other='#日間'}}、すべての機能をお試しいただけます。",
          ],
          button: ['アカウントを設定する', 'startUrl'],
        },
        sms: { body: `${brand}: {{date trialEnds}}まで{{planName}}をお試しください。{{startUrl}}` },
        push: { title: `${brand}へようこそ`, body: '{{planName}}のアカウントができました。' },
        in_app: {
          title: 'ようこそ、{{userName}}さん',
          body: "{{planName}}を{{plural trialDays other='#日間'}}お試しいただけます。",
          actionUrl: '{{url startUrl}}',
        },
      },
    },
  ),
  template(
    {
      name: 'password_reset',
      category: 'transactional',
      priority: 'high',
      purpose: 'security',
      layout: 'larkspur',
    },
    {
      mail: {
        subject: 'Choose a new password',
        preview: 'The link works for {{expiresInMinutes}} minutes.',
        paragraphs: [
          'Someone asked for a new password for your account, on {{device}} near {{city}}.',
          'If it was you, choose it within {{number expiresInMinutes}} minutes. If not, ignore this mail: nothing has changed.',
        ],
        button: ['Choose a new password', 'resetUrl'],
      },
      sms: {
        body: `${brand}: choose a new password within {{expiresInMinutes}} minutes: {{resetUrl}} Not you? Ignore this.`,
      },
      push: {
        title: 'New password asked for',
        body: 'On {{device}} near {{city}}. Not you? Ignore this.',
      },
      in_app: {
        title: 'New password asked for',
        body: 'On {{device}} near {{city}}. The link works for {{expiresInMinutes}} minutes.',
      },
    },
  ),
  template(
    {
      name: 'security_alert',
      category: 'system',
      priority: 'urgent',
      purpose: 'security',
      layout: 'larkspur',
    },
    {
      mail: {
        subject: 'New sign-in to your account',
        preview: '{{device}} near {{city}}, {{datetime signedInAt}}.',
        paragraphs: [
          'Someone signed in to your account{{#if newDevice}} on a device that we had not seen before{{/if}}.',
          'If it was you, there is nothing to do. If not, secure your account now.',
        ],
        facts: [
          ['Device', '{{device}}'],
          ['Near', '{{city}}'],
          ['When', '{{datetime signedInAt}}'],
        ],
        button: ['Secure your account', 'reviewUrl'],
      },
      sms: { body: `${brand}: sign-in on {{device}} near {{city}}. Not you? {{reviewUrl}}` },
      push: { title: 'New sign-in', body: '{{device}} near {{city}}. Was it you?' },
      in_app: {
        title: 'New sign-in{{#if newDevice}} on a new device{{/if}}',
        body: '{{device}} near {{city}}, {{datetime signedInAt}}.',
        actionUrl: '{{url reviewUrl}}',
      },
    },
  ),
  template(
    {
      name: 'one_time_code',
      category: 'transactional',
      priority: 'urgent',
      purpose: 'oneTimeCode',
      layout: 'larkspur',
    },
    {
      mail: {
        subject: '{{code}} is your code',
        preview: 'To {{purpose}}. It works for {{expiresInMinutes}} minutes.',
        paragraphs: [
          'Use this code to {{purpose}}. It works for {{number expiresInMinutes}} minutes.',
          'Nobody from our team will ever ask you for it.',
        ],
        figure: '{{code}}',
      },
      sms: {
        body: `{{code}} is your ${brand} code to {{purpose}}. It works for {{expiresInMinutes}} minutes.`,
      },
      push: { title: 'Your code', body: '{{code}}, to {{purpose}}.' },
      in_app: {
        title: 'Your code is {{code}}',
        body: 'To {{purpose}}, within {{expiresInMinutes}} minutes.',
      },
    },
  ),
];
