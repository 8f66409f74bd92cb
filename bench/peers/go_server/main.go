// A peer: the server that an engineer who needs speed would write, in Go with gorilla/websocket. Twilio's
// JSON in, a goroutine for each socket and each call, a mix every 50 ms to everybody who listens, and a
// stereo WAV file a call. It has no timeline: what comes late moves what follows.
//
// Usage: go_server PORT FOLDER KEY
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	frame      = 400 // samples of 50 ms
	frameTime  = 50 * time.Millisecond
	holdback   = 100 * time.Millisecond
	mostQueued = 40 * frame            // of a side; beyond, the oldest goes
	patience   = 10 * time.Millisecond // a listener that takes nothing for that long hears no more
)

var (
	port, folder, key = os.Args[1], os.Args[2], os.Args[3]
	decoded           [256]int16
	calls             sync.Map // of *call by id
	upgrader          = websocket.Upgrader{WriteBufferPool: &sync.Pool{}}
	goodbye           = websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
)

type call struct {
	sync.Mutex
	queues    map[string][]byte // mu-law by track, on its way to the mix
	listeners map[*websocket.Conn]bool
	ended     chan bool
}

// take decodes a frame off a track's queue; what it lacks is zeros.
func (c *call) take(track string) (samples [frame]int16) {
	queue := c.queues[track]
	queue = queue[max(0, len(queue)-mostQueued):]
	taken := min(frame, len(queue))
	for i, code := range queue[:taken] {
		samples[i] = decoded[code]
	}
	c.queues[track] = append(c.queues[track][:0], queue[taken:]...)
	return samples
}

func (c *call) tick(recording *bufio.Writer) {
	c.Lock()
	defer c.Unlock()
	var mono, stereo [4 * frame]byte
	user, bot := c.take("inbound"), c.take("outbound")
	for i := range user {
		sum := max(-32768, min(32767, int(user[i])+int(bot[i])))
		binary.LittleEndian.PutUint16(mono[2*i:], uint16(sum))
		binary.LittleEndian.PutUint16(stereo[4*i:], uint16(user[i]))
		binary.LittleEndian.PutUint16(stereo[4*i+2:], uint16(bot[i]))
	}
	recording.Write(stereo[:]) // without a file it keeps nothing
	for socket := range c.listeners {
		socket.SetWriteDeadline(time.Now().Add(patience))
		socket.WriteMessage(websocket.BinaryMessage, mono[:2*frame]) // once late, it fails for good
	}
}

func (c *call) run(file *os.File) {
	recording := bufio.NewWriter(file)
	defer file.Close()
	defer recording.Flush()
	for due := time.Now().Add(holdback + frameTime); ; due = due.Add(frameTime) {
		select {
		case <-time.After(time.Until(due)):
			c.tick(recording)
		case <-c.ended:
			return
		}
	}
}

func ingest(response http.ResponseWriter, request *http.Request) {
	socket, err := upgrader.Upgrade(response, request, nil)
	if err != nil {
		return // it is answered
	}
	defer socket.Close()
	var c *call
	for {
		var message struct {
			Event string `json:"event"`
			Start struct {
				CallSid    string            `json:"callSid"`
				Parameters map[string]string `json:"customParameters"`
			} `json:"start"`
			Media struct {
				Track   string `json:"track"`
				Payload []byte `json:"payload"`
			} `json:"media"`
		}
		_, text, err := socket.ReadMessage()
		if err != nil || json.Unmarshal(text, &message) != nil {
			return
		}
		if message.Event == "media" && c != nil {
			c.Lock()
			c.queues[message.Media.Track] = append(c.queues[message.Media.Track], message.Media.Payload...)
			c.Unlock()
		} else if start := message.Start; message.Event == "start" && c == nil && start.Parameters["token"] == key {
			c = &call{queues: map[string][]byte{}, listeners: map[*websocket.Conn]bool{}, ended: make(chan bool)}
			var file *os.File
			if start.Parameters["recording"] == "true" {
				file, _ = os.Create(folder + "/" + start.CallSid + ".wav")
				file.Write(make([]byte, 44))
			}
			calls.Store(start.CallSid, c)
			defer calls.Delete(start.CallSid)
			defer close(c.ended)
			go c.run(file)
		}
	}
}

func listen(response http.ResponseWriter, request *http.Request) {
	id := request.PathValue("id")
	found, _ := calls.Load(id)
	c, isKnown := found.(*call)
	if !isKnown || request.URL.Query().Get("token") != key {
		http.NotFound(response, request)
		return
	}
	socket, err := upgrader.Upgrade(response, request, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	socket.WriteJSON(map[string]any{"type": "metadata", "sampleRate": 8000, "channels": 1, "bitDepth": 16, "sessionId": id})
	c.Lock()
	c.listeners[socket] = true
	c.Unlock()
	go func() { <-c.ended; socket.WriteControl(websocket.CloseMessage, goodbye, time.Time{}); socket.Close() }()
	socket.NextReader() // a listener says nothing but its close
	c.Lock()
	delete(c.listeners, socket)
	c.Unlock()
}

func main() {
	for code := range decoded {
		bits := ^code & 0xff
		decoded[code] = int16(((bits&0x0f)<<3+0x84)<<((bits&0x70)>>4) - 0x84)
		if bits&0x80 != 0 {
			decoded[code] = -decoded[code]
		}
	}
	http.HandleFunc("/ingest/twilio", ingest)
	http.HandleFunc("/live/{id}/ws", listen)
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
