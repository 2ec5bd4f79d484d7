import type { Connection } from 'tedious';

/** An error message of the server, as the driver hands it on. */
interface ServerMessage {
  readonly number: number;
  readonly state: number;
  readonly class: number;
}

/** "Login failed": follows the message that says why, if there is one. */
const loginFailed = 18456;

/**
 * Gives the error of a refused login the number, state and class that the server sent with it. tedious drops them and
 * calls every refusal ELOGIN, so that a database that is just moving to another node would look like a wrong password.
 * To be called before the connection is answered.
 */
export function keepLoginErrorNumbers(connection: Connection): void {
  const messages: ServerMessage[] = [];
  const take = (message: ServerMessage): void => void messages.push(message);
  connection.on('errorMessage', take);
  connection.once('connect', (error: unknown) => {
    connection.off('errorMessage', take);
    const telling = messages.findLast((message) => message.number !== loginFailed) ?? messages.at(-1);
    if (telling === undefined || !(error instanceof Error)) return;
    Object.assign(error, { number: telling.number, state: telling.state, class: telling.class });
  });
}
