// The messages of the page: what failed, and what to do about it.

const CAMERA = {
  NotAllowedError: 'The browser may not use the camera: click on the camera in the address bar and allow it, then press Start again.',
  NotFoundError: 'There is no camera on this machine. Open /?camera=pattern for a test pattern, or press Call to watch only.',
  NotReadableError: 'The camera is in use by another program: close that one, then press Start again. On Linux and Windows only one program at a time can have it, so let ours show --source pattern.',
  OverconstrainedError: 'The camera has no frames of this size.',
  SecureContextError: 'Browsers give a camera only to pages on https or on localhost. Press Call to watch only, or reach this page through a tunnel such as ssh -L 8080:localhost:8080.',
};

const SERVER = {
  401: 'This server requires a token: write it beside the buttons and press Call again.',
  403: 'The server refused this page: open the page of the server itself.',
  404: 'The server has ended the session: press Call again.',
  409: 'The video source of the program has ended: start the program again.',
  422: 'The program cannot answer the offer of this browser: it needs H.264.',
  500: 'The session failed in the program: press Call again.',
  503: 'All places are taken: close another viewer, or try again later.',
};

export function cameraProblem(error) {
  return `${CAMERA[error.name] ?? 'The camera does not start.'} (${error.name}: ${error.message})`;
}

export function callProblem(error) {
  if (error.name === 'Refused') return `${SERVER[error.status] ?? 'The server refused the call.'} (${error.status}: ${error.message})`;
  if (error.name === 'NotSupportedError') return `This browser has no H.264, the only codec of the program. Use Chrome, Edge or Safari, or a Chromium with proprietary codecs. Firefox loads it some minutes after its first start: enable OpenH264 in about:addons, then reload this page. (${error.message})`;
  if (error instanceof TypeError) return `The program does not answer any more: start it again and reload this page. (${error.message})`;
  return `The call failed. (${error.name}: ${error.message})`;
}
