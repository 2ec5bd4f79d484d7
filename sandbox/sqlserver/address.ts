/** Where the stand-in listens. */
export const loopback = '127.0.0.1';
/** What clients connect to: a name, since TLS knows no addresses as server names. */
export const sqlServerHost = 'localhost';
