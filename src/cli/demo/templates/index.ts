import type { DemoTemplate } from '../input.ts';
import { accountTemplates } from './account.ts';
import { newsTemplates } from './news.ts';
import { orderTemplates } from './orders.ts';

/** The eight templates of the demo, each with content for all four channels. */
export const demoTemplates: readonly DemoTemplate[] = [
  ...accountTemplates,
  ...orderTemplates,
  ...newsTemplates,
];
