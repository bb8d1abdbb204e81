import type { RegisteredUser } from '../../domain/user/state.ts';
import type { NotificationQueries } from '../../projections/notificationQueries.ts';
import type { TemplateQueries } from '../../projections/templates.ts';
import type { Topic } from './board.ts';

export interface TopicSources {
  readonly notifications: Pick<NotificationQueries, 'page'>;
  readonly templates: Pick<TemplateQueries, 'byName'>;
}

/** How far back it is looked for what somebody got. */
const lookBack = 100;
const mostTopics = 50;

/**
 * The topics of one person, by name: what the last hundred notifications were of, and what a preference was
 * set for. Others are not shown, since names of templates tell what somebody else does.
 */
export const topicsOf = async (
  { notifications, templates }: TopicSources,
  userId: string,
  { preferences }: RegisteredUser,
): Promise<readonly Topic[]> => {
  const { items } = await notifications.page({ userId }, lookBack);
  const said = Object.keys(preferences).flatMap((key) => {
    const [prefix, name] = key.split(':');
    return prefix === 'topic' && name !== undefined ? [name] : [];
  });
  const names = [...new Set([...said, ...items.map(({ template }) => template)])];
  const found = await Promise.all(names.slice(0, mostTopics).map((name) => templates.byName(name)));
  return found
    .flatMap((document): readonly Topic[] => {
      if (document?.state.status !== 'live') return [];
      const { name, active, versions } = document.state;
      const content = active === undefined ? undefined : versions[active - 1];
      return content ? [{ name, content }] : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};
