/** An account of AWS that may confirm subscriptions. */
export interface SnsAccount {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Default: AWS. */
  readonly endpoint?: string;
}

/**
 * Confirms a subscription to a topic through the SDK, not by visiting the URL that the confirmation carries: the URL
 * would let whoever sends it make us call it. The SDK is loaded when the first subscription comes. Rejects, without the
 * SDK's own error, when SNS doesn't take it.
 */
export const createSnsConfirmation =
  (account: SnsAccount) =>
  async (topicArn: string, token: string): Promise<void> => {
    const { ConfirmSubscriptionCommand, SNSClient } = await import('@aws-sdk/client-sns');
    const { region, accessKeyId, secretAccessKey, endpoint } = account;
    const client = new SNSClient({
      region,
      credentials: { accessKeyId, secretAccessKey },
      ...(endpoint === undefined ? {} : { endpoint }),
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: 5000,
        requestTimeout: 10_000,
        throwOnRequestTimeout: true,
      },
    });
    const command = new ConfirmSubscriptionCommand({
      TopicArn: topicArn,
      Token: token,
      AuthenticateOnUnsubscribe: 'true',
    });
    // The SDK's errors carry the request; only their name goes on.
    const failure = await client.send(command).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
    );
    client.destroy();
    if (failure !== undefined) throw new Error(`SNS did not confirm the subscription: ${failure}`);
  };
