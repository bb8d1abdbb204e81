import type { Page } from './page.ts';

export const consolePage: Page = { title: 'Tidings console', body: '<h1>Tidings console</h1>' };
