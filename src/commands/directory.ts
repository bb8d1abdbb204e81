import { LRUCache } from 'lru-cache';
import type { TemplateContent } from '../domain/template/content.ts';
import type { TemplateState } from '../domain/template/template.ts';
import type { RegisteredUser, UserState } from '../domain/user/state.ts';
import { templates, users } from './aggregates.ts';
import type { LoadState } from './executor.ts';
import { inParallel } from './inParallel.ts';
import type { LiveTemplate } from './requestNotifications.ts';

export interface DirectoryPorts {
  /** The users' read model. */
  readUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, RegisteredUser>>;
  readonly load: LoadState;
  now(): number;
}

/** Users and templates as commands and dispatchers need them. */
export interface Directory {
  /** Those that exist, also when they were registered a moment ago. */
  findUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, RegisteredUser>>;
  findTemplate(name: string): Promise<LiveTemplate | undefined>;
  findContent(template: string, version: number): Promise<TemplateContent | undefined>;
  /** To be told when this process changed a user, so that it holds here at once. */
  rememberUser(userId: string, state: UserState): void;
  /** To be told when this process changed a template, so that it holds here at once. */
  forgetTemplate(name: string): void;
}

/** A template that was activated or archived elsewhere is noticed within this time. */
const templateTtlMs = 1_000;
/** The read model has a change of this process by then; one of another process holds within this time. */
const rememberedMs = 3_000;
/** Who is asked for is asked for again a moment later, by the dispatch of what was just requested. */
const recentMs = 1_000;
const streamsInFlight = 32;

/**
 * Users come from the read model in one round trip, those that it doesn't know yet from their streams;
 * templates come from their streams. Both are kept for a second, published versions for good.
 */
export const createDirectory = (ports: DirectoryPorts): Directory => {
  const contents = new LRUCache<string, TemplateContent>({ max: 2_000 });
  const known = new LRUCache<string, RegisteredUser>({
    max: 4_000,
    ttlResolution: 0,
    perf: { now: () => ports.now() },
  });
  const live = new LRUCache<
    string,
    { readonly template: Promise<LiveTemplate | undefined>; readonly at: number }
  >({
    max: 1_000,
  });

  const loadTemplate = async (name: string): Promise<LiveTemplate | undefined> => {
    const { state }: { state: TemplateState } = await ports.load(templates, name);
    if (state.status === 'none') return undefined;
    // One object per version for good: what is compiled from it is kept beside it.
    const versions = state.versions.map((content, index) => {
      const key = `${name}|${index + 1}`;
      const known = contents.get(key) ?? content;
      contents.set(key, known);
      return known;
    });
    return {
      name,
      archived: state.status === 'archived',
      active: state.active,
      content: (version) => versions[version - 1],
    };
  };

  const findTemplate: Directory['findTemplate'] = (name) => {
    const cached = live.get(name);
    if (cached && ports.now() - cached.at < templateTtlMs) return cached.template;
    const template = loadTemplate(name);
    live.set(name, { template, at: ports.now() });
    const forget = () => live.delete(name);
    // What isn't there yet may be there in a moment; only what is there is remembered.
    template.then((loaded) => (loaded ? undefined : forget()), forget);
    return template;
  };

  const readUsers = async (userIds: readonly string[]): Promise<Map<string, RegisteredUser>> => {
    const found = new Map<string, RegisteredUser>();
    const unread: string[] = [];
    for (const id of userIds) {
      const user = known.get(id);
      if (user) found.set(id, user);
      else unread.push(id);
    }
    if (unread.length === 0) return found;
    for (const [id, user] of await ports.readUsers(unread)) {
      // What this process changed while it was read is newer.
      const newer = known.get(id);
      if (!newer) known.set(id, user, { ttl: recentMs });
      found.set(id, newer ?? user);
    }
    return found;
  };

  return {
    findTemplate,
    rememberUser: (userId, state) => {
      if (state.status === 'registered') known.set(userId, state, { ttl: rememberedMs });
      else known.delete(userId);
    },
    forgetTemplate: (name) => void live.delete(name),
    findContent: async (name, version) => {
      const key = `${name}|${version}`;
      return contents.get(key) ?? (await findTemplate(name))?.content(version);
    },
    findUsers: async (userIds) => {
      const found = await readUsers(userIds);
      const missing = userIds.filter((id) => !found.has(id));
      if (missing.length === 0) return found;
      const loaded = await inParallel(missing, streamsInFlight, async (id) => {
        const { state }: { state: UserState } = await ports.load(users, id);
        return { id, state };
      });
      for (const { id, state } of loaded) if (state.status === 'registered') found.set(id, state);
      return found;
    },
  };
};
