import { generate } from 'selfsigned';

export interface ServerCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

/** A self-signed certificate as SQL Server makes one at start when it is given none: clients must trust it blindly. */
export async function createServerCertificate(): Promise<ServerCertificate> {
  const pems = await generate([{ name: 'commonName', value: 'SSL_Self_Signed_Fallback' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}
