/** Its types are not published. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  const ece: {
    /** @throws Error when the body isn't for this key */
    decrypt(
      body: Buffer,
      options: {
        readonly version: 'aes128gcm';
        readonly privateKey: ECDH;
        readonly authSecret: Buffer;
      },
    ): Buffer;
  };
  export default ece;
}
