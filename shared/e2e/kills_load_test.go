package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/rpc"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// killedYAML: ada has more pages open than she is told of one by one, eve fewer, and
// what is forgotten goes round its policy. Nobody who has something is asked again
// within the test.
const killedYAML = `organisation: Example Health
catch_all: [kim]
users:
  - {id: ada, role: admin, contact_methods: [{id: push, kind: ntfy, url: "%[1]s/ada", wakes: true}]}
  - {id: bob, contact_methods: [{id: push, kind: ntfy, url: "%[1]s/bob", wakes: true}]}
  - {id: eve, contact_methods: [{id: push, kind: ntfy, url: "%[1]s/eve", wakes: true}]}
  - {id: kim, contact_methods: [{id: push, kind: ntfy, url: "%[1]s/kim", wakes: true}]}
  - {id: ian, contact_methods: [{id: push, kind: ntfy, url: "%[1]s/ian", wakes: true}]}
  - {id: joe, contact_methods: [{id: push, kind: ntfy, url: "%[1]s/joe", wakes: true}]}
escalation_policies:
  - {id: storm, levels: [{timeout: 30s, targets: [{user: ada}]}, {timeout: 30s, targets: [{user: bob}]}]}
  - {id: calm, levels: [{timeout: 30s, targets: [{user: eve}]}, {timeout: 30s, targets: [{user: kim}]}]}
  - {id: forgotten, levels: [{timeout: 30s, targets: [{user: ian}]}, {timeout: 30s, targets: [{user: joe}]}]}
services:
  - {id: storm, escalation_policy: storm, acknowledgement_timeout: 12h, integrations: [{id: storm, kind: events_v2, key_from: {env: KEY}}]}
  - {id: calm, escalation_policy: calm, acknowledgement_timeout: 12h, integrations: [{id: calm, kind: events_v2, key_from: {env: KEY}}]}
  - {id: forgotten, escalation_policy: forgotten, acknowledgement_timeout: 12h, integrations: [{id: forgotten, kind: events_v2, key_from: {env: KEY}}],
     runbook: "https://wiki.example.org/%[2]d"}
`

// levelTimeout is that of all levels.
const levelTimeout = 30 * time.Second

var (
	killedKeys = map[string]string{"storm": strings.Repeat("5", 32), "calm": strings.Repeat("c", 32), "forgotten": strings.Repeat("f", 32)}
	// One key in oneOf stays triggered, at most leftOpen of a service at a time.
	leftOpen = map[string]int{"storm": 100, "calm": 4, "forgotten": 20}
	oneOf    = map[string]int{"storm": 40, "calm": 40, "forgotten": 5}
)

// senders is how many keys have their story told at a time.
const senders = 12

func (c *campaign) load() {
	for n := range senders {
		service := "storm"
		if n < 2 {
			service = []string{"calm", "forgotten"}[n]
		}
		c.users.Go(func() {
			for m := 0; c.goesOn(); m++ {
				c.tell(&keyed{service: service, key: fmt.Sprintf("%d-%d", n, m)})
			}
		})
	}
	c.users.Go(func() {
		for c.goesOn() {
			<-time.After(rand.N(100 * time.Millisecond)) // people take their time
			switch n := rand.N(40); {
			case n == 0:
				c.edit()
			case n < 12:
				c.acknowledge()
			case n < 26:
				c.click()
			default:
				c.typeOne()
			}
		}
	})
}

func (c *campaign) goesOn() bool {
	select {
	case <-c.over:
		return false
	case <-c.t.Context().Done():
		return false
	default:
		return true
	}
}

// keyed is what a sender knows of one dedup key.
type keyed struct {
	service, key string
	sure, maybe  int // triggers: answered, and those whose answer was lost
	openings     int
	acknowledged bool // by the source, in this opening
	resolved     bool
}

// tell is the story of one key as its source tells it: each event until it is
// answered, and sometimes it comes back.
func (c *campaign) tell(k *keyed) {
	c.mu.Lock()
	c.keys = append(c.keys, k)
	c.mu.Unlock()
	for again := rand.N(6) == 0; ; again = false {
		k.openings++
		k.resolved, k.acknowledged = false, false
		for range 1 + rand.N(3) {
			c.send(k, "trigger")
		}
		if rand.N(3) == 0 {
			c.send(k, "acknowledge")
			k.acknowledged = true
		}
		if !again {
			break
		}
		c.resolve(k)
	}
	if rand.N(oneOf[k.service]) > 0 {
		c.resolve(k)
		return
	}
	c.mu.Lock()
	list := append(c.left[k.service], k)
	var oldest *keyed
	if len(list) > leftOpen[k.service] {
		oldest, list = list[0], list[1:]
	}
	c.left[k.service] = list
	c.mu.Unlock()
	if oldest != nil {
		c.resolve(oldest)
	}
}

func (c *campaign) resolve(k *keyed) {
	c.send(k, "resolve")
	k.resolved = true
}

// send posts an event until the hub answers. What was sent and not answered may have
// been taken in, or not.
func (c *campaign) send(k *keyed, action string) {
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":"Key %s","source":"db1","severity":"critical"}}`,
		killedKeys[k.service], action, k.key, k.key)
	for {
		select {
		case <-time.After(rand.N(120 * time.Millisecond)):
		case <-c.hurry:
		case <-c.t.Context().Done():
			return
		}
		res, err := c.web.Post("http://"+c.listen+"/v2/enqueue", "application/json", strings.NewReader(body))
		if errors.Is(err, syscall.ECONNREFUSED) {
			continue
		}
		accepted := false
		if err == nil {
			accepted = res.StatusCode == http.StatusAccepted
			if res.StatusCode < 500 && !accepted {
				c.t.Errorf("%s %s: the hub answered %s", action, k.key, res.Status)
			}
			res.Body.Close()
		}
		switch {
		case action != "trigger":
		case accepted:
			k.sure++
		default:
			k.maybe++
		}
		if accepted {
			return
		}
	}
}

// What people do. What the hub does not answer, as it is away or was killed, may have
// happened or not.

func (c *campaign) acknowledge() {
	open, err := c.admin.ListIncidents(c.t.Context(), connect.NewRequest(&hubv1.ListIncidentsRequest{}))
	if err != nil || len(open.Msg.Incidents) == 0 {
		return
	}
	i := open.Msg.Incidents[rand.N(len(open.Msg.Incidents))]
	if i.ServiceId == "forgotten" || i.Status != "triggered" {
		return
	}
	req := connect.NewRequest(&hubv1.AcknowledgeRequest{Number: i.Number})
	req.Header().Set(rpc.AsHeader, "kim")
	if res, err := c.admin.Acknowledge(c.t.Context(), req); err == nil && res.Msg.Already == "" && res.Msg.Incident.Status == "acknowledged" {
		c.note(i.Number)
	}
}

func (c *campaign) note(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken[number]++
}

var aboutOne = regexp.MustCompile(`critical incident (\d+)`)

// click answers by one of the newest links, which may be one of an earlier life.
func (c *campaign) click() {
	c.mu.Lock()
	links := c.links[max(0, len(c.links)-20):]
	c.mu.Unlock()
	if len(links) == 0 {
		return
	}
	res, err := c.web.Post(links[rand.N(len(links))], "application/x-www-form-urlencoded", nil)
	if err != nil {
		return
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return
	}
	if res.StatusCode == http.StatusNotFound {
		c.t.Errorf("a link that was sent is not known: %s", page)
	}
	if m := aboutOne.FindSubmatch(page); m != nil && strings.Contains(string(page), "Acknowledged. You have it.") {
		number, err := strconv.ParseUint(string(m[1]), 10, 64)
		if err != nil {
			c.t.Error(err)
		}
		c.note(number)
	}
}

var alarms = regexp.MustCompile(` (?:ALARM|ALSO) +#(\d+) `)

// typeOne acknowledges at the agent one of the newest that it alarmed for.
func (c *campaign) typeOne() {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := alarms.FindAllStringSubmatch(c.agent.out.String(), -1)
	if all = all[max(0, len(all)-10):]; len(all) > 0 {
		if _, err := fmt.Fprintf(c.keyboard, "a %s\n", all[rand.N(len(all))][1]); err != nil {
			c.t.Errorf("type at the agent: %v\n%s", err, c.agent.out)
		}
	}
}

// edit applies a file with another runbook. An edit has the hub look at all that is
// open, which would hide that it forgot something: so there are long times without.
func (c *campaign) edit() {
	c.mu.Lock()
	life, revision := len(c.started), c.revision
	c.mu.Unlock()
	if life%200 > 40 {
		return
	}
	res, err := c.admin.Apply(c.t.Context(), connect.NewRequest(&hubv1.ApplyRequest{
		File: fmt.Appendf(nil, killedYAML, c.gateway.URL, revision), Name: "tocsin.yaml", RoutingKeys: killedKeys,
	}))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revision = res.Msg.Revision
}

// push is a message that the gateway took.
type push struct {
	at       time.Time
	life     int // of the hub that sent it
	sequence string
}

// take is the gateway: often slow, sometimes refusing.
func (c *campaign) take(w http.ResponseWriter, r *http.Request) {
	p := push{at: time.Now()}
	var m struct {
		Topic, Click string
		Sequence     string `json:"sequence_id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		return // the hub was killed while it sent
	}
	if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer life-%d", &p.life); err != nil {
		c.t.Errorf("the gateway is shown %q: %v", r.Header.Get("Authorization"), err)
	}
	if rand.N(10) == 0 {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	<-time.After(rand.N(100 * time.Millisecond)) // room to be killed in
	p.sequence = m.Sequence
	c.mu.Lock()
	c.pushes = append(c.pushes, p)
	if m.Topic != "ian" && m.Topic != "joe" {
		c.links = append(c.links, m.Click)
	}
	c.mu.Unlock()
	fmt.Fprint(w, `{"id":"n1","event":"message"}`)
}
