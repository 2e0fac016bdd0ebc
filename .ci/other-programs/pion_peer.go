// pion: pion_peer ROLE [URL [--audio]]
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v3"
	"github.com/pion/webrtc/v3/pkg/media"
	"github.com/pion/webrtc/v3/pkg/media/h264reader"
	"github.com/pion/webrtc/v3/pkg/media/h264writer"
)

// version is set when this is built.
var version string

// ICE and DTLS have this long.
const patience = 10 * time.Second

type words map[string]interface{}

func say(said words) {
	line, _ := json.Marshal(said)
	fmt.Println(string(line))
}

// length is how long the video of a row is.
func length() time.Duration {
	seconds, _ := strconv.Atoi(os.Getenv("SECONDS_OF_VIDEO"))
	return time.Duration(seconds) * time.Second
}

type peer struct {
	*webrtc.PeerConnection
	connected chan error
	video     *webrtc.TrackLocalStaticSample
}

func newPeer() (*peer, error) {
	engine := &webrtc.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry))
	connection, err := api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, err
	}
	p := &peer{PeerConnection: connection, connected: make(chan error, 8)}
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			p.connected <- nil
		case webrtc.PeerConnectionStateFailed:
			p.connected <- errors.New("the connection failed")
		}
	})
	connection.OnTrack(record)
	return p, nil
}

// record writes what comes into the file that is decoded later.
func record(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	file, err := h264writer.New(os.Getenv("RECORDING"))
	if err != nil || track.Kind() != webrtc.RTPCodecTypeVideo {
		return
	}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil || file.WriteRTP(packet) != nil {
			return
		}
	}
}

func (p *peer) sends(audio bool) error {
	if audio {
		opus, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "audio", "peer")
		if err != nil {
			return err
		}
		if _, err = p.AddTransceiverFromTrack(opus, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
			return err
		}
	}
	video, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264}, "video", "peer")
	if err != nil {
		return err
	}
	p.video = video
	_, err = p.AddTransceiverFromTrack(video, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	return err
}

func (p *peer) receives(audio bool) error {
	recvonly := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	if audio {
		if _, err := p.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, recvonly); err != nil {
			return err
		}
	}
	_, err := p.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, recvonly)
	return err
}

// call offers, and returns the address of the session once connected.
func (p *peer) call(endpoint string) (string, error) {
	offer, err := p.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(p.PeerConnection)
	if err = p.SetLocalDescription(offer); err != nil {
		return "", err
	}
	<-gathered
	response, err := http.Post(endpoint, "application/sdp", strings.NewReader(p.LocalDescription().SDP))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("POST: %s %s", response.Status, answer)
	}
	base, _ := url.Parse(endpoint)
	session, err := base.Parse(response.Header.Get("Location"))
	if err != nil {
		return "", err
	}
	if err = p.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}); err != nil {
		return "", err
	}
	return session.String(), p.isConnected()
}

func (p *peer) isConnected() error {
	select {
	case err := <-p.connected:
		return err
	case <-time.After(patience):
		return fmt.Errorf("no connection within %s", patience)
	}
}

func hangUp(session string) error {
	request, err := http.NewRequest(http.MethodDelete, session, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("DELETE: %s", response.Status)
	}
	return err
}

// serve answers one offer, says where, and ends the channel when the client hangs up.
func (p *peer) serve() (<-chan error, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ended := make(chan error)
	var once sync.Once
	end := func(err error) {
		once.Do(func() {
			if err != nil {
				ended <- err
			}
			close(ended)
		})
	}
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		switch request.Method {
		case http.MethodPost:
			offer, _ := io.ReadAll(request.Body)
			answer, err := p.answer(string(offer))
			if err != nil {
				response.WriteHeader(http.StatusInternalServerError)
				go end(err)
				return
			}
			response.Header().Set("Content-Type", "application/sdp")
			response.Header().Set("Location", "/session")
			response.WriteHeader(http.StatusCreated)
			fmt.Fprint(response, answer)
		case http.MethodDelete:
			go end(nil)
		}
	})
	go func() { end(http.Serve(listener, nil)) }()
	say(words{"url": "http://" + listener.Addr().String() + "/endpoint"})
	return ended, nil
}

func (p *peer) answer(offer string) (string, error) {
	if err := p.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := p.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(p.PeerConnection)
	if err = p.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return p.LocalDescription().SDP, nil
}

// sendClip sends the clip for so long, or until `stop` when that is 0; it returns how many frames.
func (p *peer) sendClip(stop <-chan error, lasts time.Duration) (int, error) {
	const frame = time.Second / 30
	units, err := accessUnits()
	if err != nil {
		return 0, err
	}
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	sent := 0
	for lasts == 0 || sent < int(lasts.Seconds()*30) {
		select {
		case err := <-stop:
			return sent, err
		case <-ticker.C:
		}
		if err := p.video.WriteSample(media.Sample{Data: units[sent%len(units)], Duration: frame}); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

// accessUnits splits the clip; every access unit begins with its delimiter.
func accessUnits() (units [][]byte, err error) {
	file, err := os.Open(os.Getenv("CLIP"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, err := h264reader.NewReader(file)
	if err != nil {
		return nil, err
	}
	for {
		nalUnit, err := reader.NextNAL()
		if err == io.EOF {
			return units, nil
		}
		if err != nil {
			return nil, err
		}
		if nalUnit.UnitType == h264reader.NalUnitTypeAUD {
			units = append(units, nil)
		}
		last := len(units) - 1
		units[last] = append(append(units[last], 0, 0, 0, 1), nalUnit.Data...)
	}
}

func run(role, endpoint string, audio bool) (words, error) {
	p, err := newPeer()
	if err != nil {
		return nil, err
	}
	switch role {
	case "publish":
		if err := p.sends(audio); err != nil {
			return nil, err
		}
		session, err := p.call(endpoint)
		if err != nil {
			return nil, err
		}
		sent, err := p.sendClip(nil, length())
		if err != nil {
			return nil, err
		}
		time.Sleep(300 * time.Millisecond)
		return words{"sent": sent}, hangUp(session)
	case "watch":
		if err := p.receives(audio); err != nil {
			return nil, err
		}
		session, err := p.call(endpoint)
		if err != nil {
			return nil, err
		}
		time.Sleep(length())
		err = hangUp(session)
		time.Sleep(300 * time.Millisecond)
		return words{"recorded": true}, err
	case "takes":
		ended, err := p.serve()
		if err == nil {
			err = <-ended
		}
		time.Sleep(300 * time.Millisecond)
		return words{"recorded": true}, err
	case "gives":
		if err := p.sends(false); err != nil {
			return nil, err
		}
		ended, err := p.serve()
		if err != nil {
			return nil, err
		}
		select {
		case err := <-ended:
			return words{"sent": 0}, err
		case err := <-p.connected:
			if err != nil {
				return nil, err
			}
		}
		sent, err := p.sendClip(ended, 0)
		return words{"sent": sent}, err
	}
	return words{"version": version}, nil
}

func main() {
	arguments := append(os.Args[1:], "", "")
	said, err := run(arguments[0], arguments[1], arguments[2] == "--audio")
	if err != nil {
		said = words{"error": err.Error()}
	}
	say(said)
}
