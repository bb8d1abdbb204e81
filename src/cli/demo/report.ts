import Table from 'cli-table3';
import type { DriveResult } from './drive.ts';

/** What a demo run came to. */
export interface Summary extends DriveResult {
  /** Of Tidings' process in that time: API, dispatcher, projector, stores and simulators. */
  readonly cpuSeconds: number;
}

const mostProblems = 10;

/** The summary as a table, or as one line of JSON. */
export const report = (summary: Summary, json: boolean): string => {
  const { counts, seconds, latencyMs } = summary;
  const perSecond = Math.round((counts.requested / seconds) * 10) / 10;
  if (json) {
    return `${JSON.stringify({
      ...counts,
      seconds: Math.round(seconds * 1_000) / 1_000,
      perSecond,
      cpuSeconds: Math.round(summary.cpuSeconds * 100) / 100,
      latencyMs,
      inDoubt: summary.inDoubt,
      repeatedInDoubt: summary.repeatedInDoubt,
      memoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
      problems: summary.problems,
    })}\n`;
  }
  const head = [
    '',
    'requested',
    'sent',
    'delivered',
    'opened',
    'bounced',
    'suppressed',
    'dead-lettered',
  ];
  const row = (of: typeof counts) => [
    of.requested,
    of.sent,
    of.delivered,
    of.opened,
    of.failed,
    of.suppressed,
    of.deadLettered,
  ];
  const table = new Table({
    head,
    colAligns: ['left', ...head.slice(1).map(() => 'right' as const)],
    style: { head: [], border: [] },
  });
  for (const [channel, of] of summary.byChannel) table.push([channel.toLowerCase(), ...row(of)]);
  table.push(['all', ...row(counts)]);
  const lines = [
    table.toString(),
    `${seconds.toFixed(1)} s, ${perSecond} notifications/s from request to delivered in the read model`,
    `request to provider: p50 ${latencyMs.p50} ms, p95 ${latencyMs.p95} ms, p99 ${latencyMs.p99} ms`,
    `peak memory of Tidings’ process: ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB`,
    ...doubts(summary),
    ...verdict(summary.problems),
  ];
  return `${lines.join('\n')}\n`;
};

const doubts = ({ inDoubt, repeatedInDoubt }: Summary): readonly string[] =>
  inDoubt.length === 0
    ? []
    : [
        `${inDoubt.length} attempts whose outcome could not be known: ${inDoubt.join(', ')}`,
        `${repeatedInDoubt.length} of them reached the provider twice: ${repeatedInDoubt.join(', ') || 'none'}`,
      ];

const verdict = (problems: readonly string[]): readonly string[] => {
  if (problems.length === 0) return ['every notification ended as expected, each exactly once'];
  const more = problems.length - mostProblems;
  return [
    `${problems.length} NOT as expected:`,
    ...problems.slice(0, mostProblems).map((problem) => `  ${problem}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
};
