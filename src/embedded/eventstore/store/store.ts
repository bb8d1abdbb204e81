/** The event store itself, without any protocol: one file, one writer, pages of events. */
import { Expect } from '../requests.ts';
import { openAppender, type Appender } from './append.ts';
import { openCommits, type Commits } from './commits.ts';
import { openDatabase, openNames, type Database, type Names } from './database.ts';
import { proposeJson } from './internal-events.ts';
import { openLinkIndex, type LinkIndex } from './link-index.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createPace, type Pace } from './pace.ts';
import { openReads, type Reads } from './reads.ts';
import { openRecentIds } from './recent-ids.ts';
import { openStreams, type Streams } from './streams.ts';

export interface Store extends Omit<Listeners, 'publish'> {
  readonly database: Database;
  readonly commits: Commits;
  readonly appender: Appender;
  readonly streams: Streams;
  readonly reads: Reads;
  readonly types: Names;
  readonly links: LinkIndex;
  /** To be awaited between two pages of one reader. */
  readonly pace: Pace;
  close(): void;
}

/** The part of a stream's name before its first dash; none for system streams. */
function categoryName(stream: string): string | undefined {
  const dash = stream.indexOf('-');
  return dash > 0 && !stream.startsWith('$') ? stream.slice(0, dash) : undefined;
}

/** Opens the store in `dataDir`. Throws when the file is in use or damaged. */
export function openStore(dataDir: string): Store {
  const database = openDatabase(dataDir);
  const types = openNames(database, 1);
  const categories = openNames(database, 2);
  const streams = openStreams(database, categoryName);
  const recentIds = openRecentIds(database);
  const appender = openAppender(database, streams, types, categories, recentIds);
  const listeners = createListeners();

  const commits = openCommits(
    database,
    () => {
      recentIds.keep();
      listeners.publish(appender.takeWritten());
    },
    () => {
      types.reset();
      categories.reset();
      streams.reset();
      recentIds.drop();
      appender.reset();
    },
  );
  if (appender.head() === 0) writeFirstEvents(commits, appender);

  return {
    database,
    commits,
    appender,
    streams,
    reads: openReads(database, types),
    types,
    links: openLinkIndex(database, commits, appender.head),
    pace: createPace(),
    listen: listeners.listen,
    listenTo: listeners.listenTo,
    close() {
      commits.close();
      database.close();
    },
  };
}

/** Like EventStoreDB's, a new log starts with events of the system's own streams. */
function writeFirstEvents(commits: Commits, appender: Appender): void {
  const acl = '{"$acl":{"$r":"$admins","$w":"$admins","$d":"$admins"}}';
  void commits.transact(() => {
    for (const stream of ['$settings', '$scavenges', '$persistentSubscriptionConfig']) {
      appender.append({ stream: `$$${stream}`, expected: Expect.noStream }, [
        proposeJson('$metadata', acl),
      ]);
    }
  });
}
