import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

type Connect = buildConnector.connector;

/**
 * Makes sockets that drop what is given up. A system goes on sending what a closed socket still holds, for minutes where
 * the network is away (RFC 9293, 3.6: CLOSE means "I have no more data to send"); a change would then reach the app after
 * everybody had concluded, by reading, that it was never made. A reset drops what has not arrived.
 * `plain` connects without TLS; `secure` makes TLS on the socket that it is given.
 */
export function givingUp(plain: Connect, secure: Connect): Connect {
  return (target, callback) => {
    const isSecure = target.protocol === 'https:';
    const onConnected: buildConnector.Callback = (...result) => {
      const [error, raw] = result;
      if (error !== null) return callback(error, null);
      if (!isSecure) return callback(null, droppingUnanswered(raw, raw));
      return secure({ ...target, httpSocket: raw }, (...secured) => {
        const [failure, socket] = secured;
        if (failure === null) return callback(null, droppingUnanswered(socket, raw));
        raw.on('error', () => undefined).destroy();
        return callback(failure, null);
      });
    };
    if (target.httpSocket !== undefined) return onConnected(null, target.httpSocket);
    const port = target.port === '' && isSecure ? '443' : target.port;
    return plain({ ...target, protocol: 'http:', port, servername: undefined }, onConnected);
  };
}

/** The same socket, resetting its connection (`raw`) where it is destroyed before an answer to what it sent has begun. */
function droppingUnanswered<Kind extends Socket>(socket: Kind, raw: Socket): Kind {
  let answeredBytes = socket.bytesWritten;
  socket.on('readable', () => {
    answeredBytes = socket.bytesWritten;
  });
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    // Resetting a socket destroys it by this very function.
    socket.destroy = destroy;
    if (!raw.destroyed && socket.bytesWritten > answeredBytes) raw.resetAndDestroy();
    return destroy(error);
  };
  return socket;
}
