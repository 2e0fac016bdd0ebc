// One RTCPeerConnection, called over HTTP: WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) differ only in who sends.
//
//   POST   the offer      201, the answer, and where the session is
//   PATCH  candidates     204; with "If-Match: *" an ICE restart, 200
//   DELETE                200

/** A request that the server refused. */
export class Refused extends Error {
  constructor(status, reason) {
    super(reason.trim() || `status ${status}`);
    this.name = 'Refused';
    this.status = status;
  }
}

export class HttpSession {
  /** `on.trace(text)`, `on.state()`, `on.end(error)`. */
  constructor(name, endpoint, token, on) {
    this.name = name;
    this.endpoint = endpoint;
    this.token = token;
    this.on = on;
    this.candidates = [];
    this.trickling = Promise.resolve();
    this.trace('1-1 new RTCPeerConnection()');
    this.pc = new RTCPeerConnection();
    this.pc.addEventListener('icecandidate', (event) => this.gotCandidate(event.candidate));
    for (const change of ['signalingstatechange', 'icegatheringstatechange', 'iceconnectionstatechange', 'connectionstatechange']) {
      this.pc.addEventListener(change, () => this.changed(change));
    }
  }

  trace(text) {
    this.on.trace(`${this.name}  ${text}`);
  }

  changed(change) {
    const { signalingState, iceGatheringState, iceConnectionState, connectionState } = this.pc;
    const state = { signalingstatechange: signalingState, icegatheringstatechange: iceGatheringState, iceconnectionstatechange: iceConnectionState, connectionstatechange: connectionState }[change];
    this.trace(`${change.replace('statechange', '')}: ${state}`);
    this.on.state();
    if (change !== 'iceconnectionstatechange' || this.closed) return;
    clearTimeout(this.restartTimer);
    if (iceConnectionState === 'failed') this.restartIce();
    // A few lost packets do not end a connection (RFC 7675 §5.1): wait before the restart.
    if (iceConnectionState === 'disconnected') this.restartTimer = setTimeout(() => this.restartIce(), 2000);
  }

  /** 2-1 to 2-5. */
  async start() {
    this.trace('2-1 createOffer()');
    const offer = await this.pc.createOffer();
    this.trace('2-2 setLocalDescription(offer), POST');
    const [response] = await Promise.all([
      this.request('POST', this.endpoint, 'application/sdp', offer.sdp),
      this.pc.setLocalDescription(offer),
    ]);
    this.location = new URL(response.headers.get('Location'), this.endpoint).href;
    this.entityTag = response.headers.get('ETag');
    if (this.closed) return this.remove();
    this.trace('2-5 setRemoteDescription(answer)');
    await this.pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    this.trickle();
  }

  /** 1-3: candidates wait for the answer: its Location says where to send them. */
  gotCandidate(candidate) {
    if (candidate?.candidate) {
      this.trace(`1-3 icecandidate: ${candidate.candidate}`);
      this.candidates.push(candidate.candidate);
    }
    this.trickle();
  }

  /** 1-4: one request after the other, each with all that has come meanwhile. */
  trickle() {
    if (!this.location || this.closed) return;
    this.trickling = this.trickling.then(async () => {
      if (!this.candidates.length || this.closed || this.restarting) return;
      const fragment = this.fragment(this.candidates.splice(0));
      try {
        await this.request('PATCH', this.location, 'application/trickle-ice-sdpfrag', fragment, this.entityTag);
      } catch (error) {
        // The connection may work without them: the server learns the addresses from the checks.
        this.trace(`1-4 PATCH: ${error.message}`);
      }
    });
  }

  /** RFC 8840 §9: the part of the description that ICE needs. */
  fragment(candidates) {
    const lines = this.pc.localDescription.sdp.split('\r\n');
    const first = (start) => lines.find((line) => line.startsWith(start)) ?? '';
    return [first('a=ice-ufrag:'), first('a=ice-pwd:'), 'm=video 9 UDP/TLS/RTP/SAVPF 0', first('a=mid:'),
      ...candidates.map((candidate) => `a=${candidate}`), ''].join('\r\n');
  }

  /** RFC 9725 §4.3.3: new credentials for the same session. Packets use the old pair until a new one is found. */
  async restartIce() {
    if (this.closed || this.restarting || !this.location) return;
    this.restarting = true;
    try {
      this.trace('ICE restart');
      this.candidates = [];
      this.pc.restartIce();
      await this.pc.setLocalDescription(await this.pc.createOffer());
      const response = await this.request('PATCH', this.location, 'application/trickle-ice-sdpfrag', this.fragment([]), '*');
      this.entityTag = response.headers.get('ETag');
      const answer = withCredentialsOf(await response.text(), this.pc.remoteDescription.sdp);
      await this.pc.setRemoteDescription({ type: 'answer', sdp: answer });
    } catch (error) {
      // A network that fails carries no request either: try again until the server answers.
      if (error instanceof TypeError) setTimeout(() => this.restartIce(), 1000);
      else this.on.end(error);
    } finally {
      this.restarting = false;
      this.trickle();
    }
  }

  async request(method, url, type, body, ifMatch) {
    const headers = {};
    if (type) headers['Content-Type'] = type;
    if (ifMatch) headers['If-Match'] = ifMatch;
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    // keepalive: a DELETE reaches the server even if the page is closed.
    const response = await fetch(url, { method, headers, body, keepalive: method === 'DELETE' });
    if (!response.ok) throw new Refused(response.status, await response.text());
    return response;
  }

  async remove() {
    if (!this.location) return;
    const location = this.location;
    this.location = undefined;
    this.trace('DELETE');
    try {
      await this.request('DELETE', location);
    } catch (error) {
      this.trace(`DELETE: ${error.message}`);
    }
  }

  async close() {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.restartTimer);
    this.pc.close();
    this.on.state();
    await this.remove();
  }
}

/** The last answer with the ICE credentials and candidates of a fragment. */
function withCredentialsOf(fragment, answer) {
  const lines = fragment.split('\r\n');
  const first = (start) => lines.find((line) => line.startsWith(start));
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
  return answer.split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') && line !== 'a=end-of-candidates')
    .flatMap((line) => {
      if (line.startsWith('a=ice-ufrag:')) return [first('a=ice-ufrag:')];
      if (line.startsWith('a=ice-pwd:')) return [first('a=ice-pwd:'), ...candidates];
      return [line];
    })
    .join('\r\n');
}
