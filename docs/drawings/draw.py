#!/usr/bin/env python3
"""Draws the book's SVG files again, in English and in Korean:

    docs/drawings/draw.py

A drawing is 380 units wide, so that its text can be read on a phone. It follows the reader's light or dark colours. The
numbers in the check list are computed by the formulas of RFC 8445, not written by hand.
"""
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
WIDTH = 380
STYLE = """
  svg { --ink: #1f2328; --soft: #59636e; --line: #8c959f; --fill: #f6f8fa; --paper: #ffffff;
        --a: #0969da; --b: #1a7f37; --c: #bf3989; --bad: #cf222e }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --soft: #9198a1; --line: #6e7681; --fill: #161b22;
        --paper: #0d1117; --a: #4493f8; --b: #3fb950; --c: #db61a2; --bad: #f85149 } }
  .paper { fill: var(--paper) }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) } .small { font-size: 11.5px; fill: var(--soft) }
  .bold { font-weight: 600 } .mono { font: 12px ui-monospace, monospace }
  rect.box { fill: var(--fill); stroke: var(--line) } path, line { stroke: var(--line); fill: none; stroke-width: 1.4 }
  .a { stroke: var(--a) } .b { stroke: var(--b) } .c { stroke: var(--c) } .bad { stroke: var(--bad) }
  text.a { fill: var(--a); stroke: none } text.b { fill: var(--b); stroke: none }
  text.c { fill: var(--c); stroke: none } text.bad { fill: var(--bad); stroke: none }
  .dash { stroke-dasharray: 4 4 } .tip { fill: var(--line); stroke: none }
  .tipa { fill: var(--a); stroke: none } .tipb { fill: var(--b); stroke: none } .tipc { fill: var(--c); stroke: none } .tipbad { fill: var(--bad); stroke: none }
"""


class Drawing:
    """A list of SVG elements, with the words of one language."""

    def __init__(self, height, title, language):
        self.height, self.title, self.korean = height, title, language == 'ko'
        self.parts = []

    def say(self, english, korean):
        return korean if self.korean else english

    def add(self, element):
        self.parts.append(element)

    def text(self, x, y, words, kind='', anchor='middle'):
        for index, line in enumerate(words.split('\n')):
            self.add(f'<text x="{x}" y="{y + 16 * index}" text-anchor="{anchor}" class="{kind}">{escape(line)}</text>')

    def box(self, x, y, width, height, words='', kind='', colour=''):
        self.add(f'<rect class="box {colour}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>')
        lines = words.split('\n') if words else []
        first = y + height / 2 + 4.5 - 8 * (len(lines) - 1)
        for index, line in enumerate(lines):
            style = kind if index == 0 else 'small'
            self.text(x + width / 2, first + 16 * index, line, style)

    def arrow(self, *points, colour='', dash=False):
        way = ' '.join(f'{"M" if i == 0 else "L"}{x} {y}' for i, (x, y) in enumerate(points))
        tip = f'tip{colour}'
        self.add(f'<path class="{colour}{" dash" if dash else ""}" d="{way}" marker-end="url(#{tip})"/>')

    def line(self, x1, y1, x2, y2, kind=''):
        self.add(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>')

    def svg(self):
        tips = ''.join(
            f'<marker id="tip{c}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
            f'<path class="tip{c}" d="M0 0L8 4L0 8Z"/></marker>' for c in ('', 'a', 'b', 'c', 'bad'))
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" role="img" '
                f'aria-label="{escape(self.title)}">\n<style>{STYLE}</style>\n<defs>{tips}</defs>\n'
                f'<rect class="paper" width="{WIDTH}" height="{self.height}" rx="8"/>\n' + '\n'.join(self.parts) + '\n</svg>\n')


def threads(language):
    """The path of a frame through the threads of step 05."""
    d = Drawing(412, 'The path of a frame through the threads', language)
    say = d.say
    rows = [
        (say('capture thread', '캡처 스레드'), say('camera, file or test pattern', '카메라, 파일, 테스트 패턴'), 'a'),
        (say('encoder thread', '인코더 스레드'), say('frame to access unit (H.264)', '프레임을 액세스 유닛으로 (H.264)'), 'b'),
        (say('network threads (tokio): local peer', '네트워크 스레드 (tokio): 로컬 피어'), say('access unit to RTP packets', '액세스 유닛을 RTP 패킷으로'), 'c'),
        (say('network threads (tokio): remote peer', '네트워크 스레드 (tokio): 원격 피어'), say('RTP packets to access unit', 'RTP 패킷을 액세스 유닛으로'), 'c'),
        (say('decoder thread', '디코더 스레드'), say('access unit to frame', '액세스 유닛을 프레임으로'), 'b'),
        (say('main thread', '메인 스레드'), say('the window: two videos', '창: 비디오 두 개'), ''),
    ]
    for index, (name, work, colour) in enumerate(rows):
        y = 12 + 67 * index
        d.box(44, y, 292, 44, f'{name}\n{work}', 'bold', colour)
        if index + 1 < len(rows):
            d.arrow((190, y + 44), (190, y + 66))
    d.text(200, 72, say('newest frame only', '최신 프레임만'), 'small', 'start')
    d.text(200, 139, say('one access unit', '액세스 유닛 하나'), 'small', 'start')
    d.text(200, 206, say('UDP, encrypted', 'UDP, 암호화됨'), 'small', 'start')
    d.text(200, 273, say('whole, in order', '온전히, 순서대로'), 'small', 'start')
    d.text(200, 340, say('newest frame only', '최신 프레임만'), 'small', 'start')
    d.arrow((44, 34), (20, 34), (20, 369), (43, 369), colour='a', dash=True)
    return d


def nat(language):
    """Two homes behind NATs, and the three kinds of candidates."""
    d = Drawing(430, 'Two peers behind NATs, a STUN server and a TURN server', language)
    say = d.say
    d.text(190, 22, say('the internet', '인터넷'), 'small')
    d.box(14, 34, 166, 62, say('STUN server', 'STUN 서버') + '\n' + say('answers: "I see you as\n203.0.113.7:40001"', '응답: 당신의 주소는\n203.0.113.7:40001'), 'bold', 'b')
    d.box(200, 34, 166, 62, say('TURN server', 'TURN 서버') + '\n' + say('lends 198.51.100.9:50000,\nforwards what arrives there', '198.51.100.9:50000을\n빌려주고 전달한다'), 'bold', 'c')
    d.line(10, 132, 370, 132, 'dash')
    for x, home, outside, inside, peer in (
            (14, say('home of local', '로컬의 집'), '203.0.113.7', '192.168.1.5:53000', 'local'),
            (200, say('home of remote', '원격의 집'), '203.0.113.80', '192.168.1.5:61000', 'remote')):
        d.box(x, 156, 166, 44, f'NAT\n{outside}', 'bold')
        d.text(x + 92, 222, home, 'small', 'start')
        d.box(x, 240, 166, 44, f'{peer}\n{inside}', 'bold', 'a')
    d.arrow((97, 240), (97, 201))
    d.arrow((283, 240), (283, 201))
    d.arrow((70, 156), (70, 98), colour='b')
    d.arrow((124, 156), (230, 98), colour='c')
    rows = [
        ('a', say('host', 'host'), say('192.168.1.5:53000: an address of the machine', '192.168.1.5:53000: 이 컴퓨터의 주소')),
        ('b', 'srflx', say('203.0.113.7:40001: the address outside the NAT', '203.0.113.7:40001: NAT 바깥의 주소')),
        ('c', 'relay', say('198.51.100.9:50000: an address on the TURN server', '198.51.100.9:50000: TURN 서버의 주소')),
    ]
    d.text(14, 318, say("local's candidates", '로컬의 후보'), 'bold', 'start')
    for index, (colour, kind, meaning) in enumerate(rows):
        y = 340 + 22 * index
        d.text(14, y, kind, f'bold {colour}', 'start')
        d.text(56, y, meaning, 'small', 'start')
    d.text(14, 414, say('192.168.1.5 exists in both homes: alone it is no way across.', '192.168.1.5는 두 집에 다 있어서 그것만으로는 건너갈 수 없다.'), 'small', 'start')
    return d


def priority(kind):
    """A candidate's priority (RFC 8445 §5.1.2.1): one address, component 1."""
    preference = {'host': 126, 'srflx': 100, 'relay': 0}[kind]
    return (preference << 24) + (65535 << 8) + (256 - 1)


def pair_priority(controlling, controlled):
    """A pair's priority (RFC 8445 §6.1.2.3)."""
    g, d = priority(controlling), priority(controlled)
    return (min(g, d) << 32) + 2 * max(g, d) + (1 if g > d else 0)


def check_list(language):
    """The check list as a matrix of pairs, with the order that the priorities give."""
    d = Drawing(330, 'The check list: pairs of candidates in the order of their priority', language)
    say = d.say
    kinds = ['host', 'srflx', 'relay']
    # A check from a server-reflexive candidate leaves from its base, the host candidate: the pair is redundant and pruned
    # (RFC 8445 §6.1.2.4).
    checked = sorted(((a, b) for a in ('host', 'relay') for b in kinds), key=lambda pair: -pair_priority(*pair))
    d.text(245, 24, say("remote's candidates", '원격의 후보'), 'bold')
    d.text(14, 24, say("local's candidates", '로컬의 후보'), 'bold', 'start')
    for column, kind in enumerate(kinds):
        d.text(165 + 84 * column, 50, kind, 'bold')
    for row, kind in enumerate(kinds):
        y = 62 + 56 * row
        d.text(14, y + 28, kind, 'bold', 'start')
        d.text(14, y + 43, str(priority(kind)), 'small', 'start')
        for column, other in enumerate(kinds):
            x = 126 + 84 * column
            if kind == 'srflx':
                d.box(x, y, 78, 50, '–\n' + say('pruned', '제거됨'), '')
                continue
            order = checked.index((kind, other)) + 1
            d.box(x, y, 78, 50, f'{order}', 'bold', 'b' if order == 1 else '')
    notes = say(
        'The numbers are the order of the checks: pairs of high\npriority first. A pair is only as good as its worse end: the\nsmaller priority counts 2^32 times (RFC 8445 §6.1.2.3).\nA check of a srflx candidate leaves from the host candidate\nbehind it: the pair is redundant, and pruned (§6.1.2.4).',
        '숫자는 검사 순서: 쌍의 우선순위가 높은 것부터.\n작은 쪽 우선순위가 2^32배로 계산되므로 쌍은 나쁜 쪽 끝만큼만\n좋다 (RFC 8445 §6.1.2.3).\nsrflx 후보의 검사는 그 뒤의 host 후보에서 나가므로 이 행은\n위 행의 반복이고 제거된다 (§6.1.2.4).')
    d.text(14, 252, notes, 'small', 'start')
    return d


def signaling(language):
    """The signaling state machine (W3C webrtc-pc §4.3.1)."""
    d = Drawing(376, 'The signaling state machine', language)
    say = d.say
    d.box(110, 20, 160, 40, 'stable', 'bold', 'b')
    d.box(8, 150, 160, 40, 'have-local-offer', 'bold', 'a')
    d.box(212, 150, 160, 40, 'have-remote-offer', 'bold', 'c')
    d.box(8, 280, 160, 40, 'have-remote-pranswer', '', '')
    d.box(212, 280, 160, 40, 'have-local-pranswer', '', '')
    d.arrow((126, 60), (50, 149), colour='a')
    d.text(70, 84, '2-2', 'bold a', 'end')
    d.text(64, 102, 'setLocal\n(offer)', 'small', 'end')
    d.arrow((96, 150), (164, 61), colour='b')
    d.text(146, 110, '2-5', 'bold b', 'start')
    d.text(134, 128, 'setRemote\n(answer)', 'small', 'start')
    d.arrow((254, 60), (330, 149), colour='c')
    d.text(310, 84, '2-3', 'bold c', 'start')
    d.text(316, 102, 'setRemote\n(offer)', 'small', 'start')
    d.arrow((284, 150), (216, 61), colour='b')
    d.text(234, 110, '2-4', 'bold b', 'end')
    d.text(248, 128, 'setLocal\n(answer)', 'small', 'end')
    d.arrow((88, 190), (88, 279), dash=True)
    d.text(88, 238, 'setRemote(pranswer)', 'small')
    d.arrow((292, 190), (292, 279), dash=True)
    d.text(292, 238, 'setLocal(pranswer)', 'small')
    d.text(190, 344, say('A pranswer is provisional; an answer ends it.\nclose() leads from every state to closed.', 'pranswer는 임시 답변이고 answer로 끝난다.\nclose()는 모든 상태에서 closed로 간다.'), 'small')
    return d


def keys(language):
    """What protects the media, from the fingerprint to SRTP."""
    d = Drawing(420, 'From the fingerprint in the description to encrypted media', language)
    say = d.say
    for x, name in ((14, 'local'), (226, 'remote')):
        d.box(x, 14, 140, 44, f'{name}\n' + say('a key and a certificate', '키와 인증서'), 'bold', 'a')
    d.arrow((154, 84), (225, 84), colour='a')
    d.arrow((225, 100), (154, 100), colour='a')
    d.text(190, 76, 'SDP', 'bold a')
    d.text(190, 120, say('a=fingerprint: the hash of the certificate, by signaling', 'a=fingerprint: 인증서의 해시, 시그널링으로'), 'small')
    d.arrow((154, 150), (225, 150), colour='b')
    d.arrow((225, 166), (154, 166), colour='b')
    d.text(190, 142, 'DTLS', 'bold b')
    d.text(190, 186, say('the handshake sends both certificates;\neach peer compares the hash with the fingerprint', '핸드셰이크가 두 인증서를 보내고\n각 피어가 해시를 지문과 비교한다'), 'small')
    d.box(64, 222, 252, 44, say('exported keys', '내보낸 키') + '\n' + say('the same on both sides (RFC 5764 §4.2)', '양쪽이 같다 (RFC 5764 §4.2)'), 'bold', 'b')
    d.arrow((190, 266), (190, 288))
    d.box(64, 290, 252, 44, 'SRTP\n' + say('encrypts every RTP and RTCP packet', '모든 RTP와 RTCP 패킷을 암호화'), 'bold', 'c')
    d.text(190, 358, say('Someone who can change the fingerprint can be\nin the middle: signaling must be authenticated.\nThe media keys never travel.', '지문을 바꿀 수 있는 사람은 중간에 끼어들 수 있다:\n시그널링 채널은 인증되어야 한다.\n미디어 키는 전송되지 않는다.'), 'small')
    return d


def stack(language):
    """The protocols of one port, from UDP to H.264."""
    d = Drawing(300, 'The protocols on one UDP port', language)
    say = d.say
    d.box(14, 14, 352, 38, say('access unit (H.264)', '액세스 유닛 (H.264)'), 'bold', 'a')
    d.box(14, 62, 352, 38, say('RTP and RTCP', 'RTP와 RTCP') + '\n' + say('RFC 3550, RFC 6184', 'RFC 3550, RFC 6184'), 'bold', 'a')
    d.arrow((310, 102), (310, 156), colour='c')
    d.text(300, 134, say('encrypted with keys from DTLS (RFC 3711)', 'DTLS의 키로 암호화 (RFC 3711)'), 'small', 'end')
    d.box(14, 158, 112, 44, 'STUN\n' + say('checks (ICE)', '검사 (ICE)'), 'bold', '')
    d.box(134, 158, 112, 44, 'DTLS\n' + say('handshake', '핸드셰이크'), 'bold', 'b')
    d.box(254, 158, 112, 44, 'SRTP, SRTCP\n' + say('media', '미디어'), 'bold', 'c')
    d.text(70, 220, '0–3', 'mono')
    d.text(190, 220, '20–63', 'mono')
    d.text(310, 220, '128–191', 'mono')
    d.box(14, 232, 352, 54, say('one UDP port', 'UDP 포트 하나') + '\n' + say('the first byte of a datagram says\nwhich protocol it is (RFC 7983 §7)', '데이터그램의 첫 바이트가 프로토콜을 나타낸다 (RFC 7983 §7)'), 'bold')
    return d


def packets(language):
    """One access unit, cut into RTP packets."""
    d = Drawing(350, 'One access unit, cut into RTP packets', language)
    say = d.say
    d.text(14, 24, say('one access unit: the NAL units of a key frame', '액세스 유닛 하나: 키 프레임의 NAL 유닛'), 'bold', 'start')
    d.box(14, 34, 56, 44, 'SPS\n' + say('size', '크기'), 'bold', 'a')
    d.box(74, 34, 56, 44, 'PPS\n' + say('tools', '도구'), 'bold', 'a')
    d.box(134, 34, 232, 44, say('IDR slice', 'IDR 슬라이스') + '\n' + say('the frame itself, some 10,000 bytes', '프레임 자체, 약 10,000바이트'), 'bold', 'b')
    d.arrow((42, 78), (80, 118))
    d.arrow((102, 78), (110, 118))
    d.text(14, 144, say('RTP packets of at most 1200 bytes, with one timestamp', '최대 1200바이트의 RTP 패킷, 타임스탬프는 하나'), 'small', 'start')
    rows = [
        ('STAP-A', say('SPS and PPS together (RFC 6184 §5.7.1)', 'SPS와 PPS를 함께 (RFC 6184 §5.7.1)'), 'n', 'a'),
        ('FU-A', say('first piece: start bit', '첫 조각: 시작 비트'), 'n+1', 'b'),
        ('FU-A', say('middle pieces (RFC 6184 §5.8)', '중간 조각 (RFC 6184 §5.8)'), '…', 'b'),
        ('FU-A', say('last piece: end bit, and the marker bit', '마지막 조각: 끝 비트와 마커 비트'), 'n+8', 'b'),
    ]
    for index, (kind, meaning, number, colour) in enumerate(rows):
        y = 156 + 42 * index
        d.box(14, y, 352, 34, '', '', colour)
        d.text(24, y + 22, kind, 'bold', 'start')
        d.text(84, y + 22, meaning, 'small', 'start')
        d.text(356, y + 22, number, 'mono', 'end')
    d.text(14, 340, say('The number at the right is the RTP sequence number.', '오른쪽 숫자는 RTP 시퀀스 번호이다.'), 'small', 'start')
    d.arrow((250, 78), (250, 118), colour='b')
    return d


def key_frames(language):
    """A chain of frames in which one is lost."""
    d = Drawing(264, 'A chain of frames with one lost', language)
    say = d.say
    frames = [('IDR', 'b', ''), ('P', 'b', ''), ('P', 'bad', say('lost', '손실')), ('P', '', ''), ('P', '', ''), ('IDR', 'b', ''), ('P', 'b', '')]
    for index, (kind, colour, below) in enumerate(frames):
        x = 12 + 52 * index
        d.box(x, 40, 42, 40, kind, 'bold', colour)
        if kind == 'P':
            d.arrow((x, 60), (x - 10, 60), colour=colour)
        if below:
            d.text(x + 21, 98, below, 'small bad')
    d.text(209, 98, say('not decodable', '디코딩 불가'), 'small')
    d.text(14, 24, say('sent', '보낸 것'), 'bold', 'start')
    d.arrow((137, 104), (137, 150), colour='bad')
    d.text(137, 168, say('gap: NACK, then PLI', '빈틈: NACK, 그다음 PLI'), 'small bad')
    d.arrow((205, 163), (293, 163), (293, 82), colour='c')
    d.text(330, 130, say('a new\nkey frame', '새 키\n프레임'), 'small c')
    d.text(14, 206, say('An arrow means "is encoded as the difference to".\nAfter a lost frame nothing can be decoded until the next\nIDR frame. So the receiver first asks for the packet (NACK),\nthen for a key frame (PLI).', '화살표는 "앞 프레임과의 차이로 인코딩됨"을 뜻한다. 프레임이 하나\n손실되면 다음 IDR 프레임까지 디코딩할 수 없으므로, 받는 쪽은\n먼저 패킷을 (NACK), 그다음 키 프레임을 (PLI) 요청한다.'), 'small', 'start')
    return d


DRAWINGS = {'threads': threads, 'nat': nat, 'check-list': check_list, 'signaling': signaling, 'keys': keys, 'stack': stack,
            'packets': packets, 'key-frames': key_frames}

for language in ('en', 'ko'):
    for name, draw in DRAWINGS.items():
        (FOLDER / f'{name}.{language}.svg').write_text(draw(language).svg(), encoding='utf-8')
