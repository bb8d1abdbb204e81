import type { Logger } from 'pino';
import type { TemplateContent } from '../domain/template/content.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import { failureOf } from '../eventstore/failure.ts';
import { compose, type Request, type Sender } from './compose.ts';
import type { Outcome, RenderedMessage } from './providers/provider.ts';
import { contentHash, type Renderer } from './render.ts';
import { track, type TrackPorts } from './track.ts';

export interface PreparePorts extends TrackPorts {
  readonly renderer: Renderer;
  readonly sender: Sender;
  /** Keys the hash of the content. */
  readonly secret: string;
  readonly logger: Logger;
}

/** What is sent, or why nothing can be. */
export type Prepared =
  { readonly message: RenderedMessage; readonly hash: string } | { readonly failure: Outcome };

/** Renders and composes the message of one attempt. */
export const prepare = (
  ports: PreparePorts,
  {
    request,
    user,
    content,
    attempt,
    provider,
  }: {
    readonly request: Request;
    readonly user: RegisteredUser;
    readonly content: TemplateContent | undefined;
    readonly attempt: number;
    readonly provider: string;
  },
): Prepared => {
  const { template: name, templateVersion: version, channel, userId, category } = request;
  try {
    if (!content) throw new Error(`there is no version ${version} of template ${name}`);
    const { postalAddress } = content;
    const variables = {
      ...request.variables,
      ...(postalAddress === undefined ? {} : { postalAddress }),
      userName: user.profile.name ?? '',
      // Signed only for the templates that use it.
      get unsubscribeUrl() {
        return ports.links.unsubscribe(userId, channel, category);
      },
      get preferencesUrl() {
        return ports.links.preferences(userId);
      },
    };
    const rendered = ports.renderer.render(
      { name, version, content },
      channel,
      variables,
      user.profile,
    );
    const parts = track(ports, rendered, { request, user, content, provider });
    const message = compose(request, { attempt, provider }, user, parts, ports);
    return { message, hash: contentHash(parts, ports.secret) };
  } catch (error) {
    // Handlebars names variables in its errors, never their values.
    const about = { template: name, version, channel, reason: failureOf(error) };
    ports.logger.error(about, 'rendering failed');
    const failure: Outcome = {
      kind: 'rejected',
      code: 'RENDERING_FAILED',
      detail: 'the template could not be rendered',
      scope: 'message',
    };
    return { failure };
  }
};
