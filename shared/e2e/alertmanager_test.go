package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// alertmanager is a real one, whose only receiver is a hub.
type alertmanager struct {
	*process
	url string
}

const alertmanagerConfig = `route:
  receiver: tocsin
  group_by: [alertname, instance]
  group_wait: 100ms
  group_interval: 500ms
receivers:
  - name: tocsin
    pagerduty_configs:
      - routing_key: %s
        url: %s/v2/enqueue
        severity: '{{ .CommonLabels.severity }}'
        description: '{{ .CommonAnnotations.summary }}'
`

// alertmanager starts one that knows the hub by what its README says: a key and
// an address.
func (h *hub) alertmanager(t *testing.T) *alertmanager {
	t.Helper()
	path := os.Getenv("TOCSIN_ALERTMANAGER")
	if path == "" {
		path = filepath.Join("..", "..", ".tools", "alertmanager", "usr", "bin", "prometheus-alertmanager")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("Alertmanager is missing; make alertmanager fetches it: %v", err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, alertmanagerConfig, h.key, h.url()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--config.file="+config, "--storage.path="+dir, "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	am := &alertmanager{process: start(t, "Alertmanager", cmd)}
	waitFor(t, "Alertmanager is ready", func() bool {
		_, address, _ := strings.Cut(am.out.find("Listening on"), "address=")
		if address == "" {
			return false
		}
		am.url = "http://" + strings.Fields(address)[0]
		res, err := http.Get(am.url + "/-/ready")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return am
}

// alert posts an alert as Prometheus would: firing, or over.
func (a *alertmanager) alert(name, summary string, firing bool) {
	a.t.Helper()
	alert := map[string]any{
		"labels":       map[string]string{"alertname": name, "instance": "db1:9100", "severity": "critical"},
		"annotations":  map[string]string{"summary": summary},
		"generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
		"startsAt":     time.Now().Add(-time.Minute).UTC().Format(time.RFC3339Nano),
	}
	if !firing {
		alert["endsAt"] = time.Now().UTC().Format(time.RFC3339Nano)
	}
	body, err := json.Marshal([]any{alert})
	if err != nil {
		a.t.Fatal(err)
	}
	res, err := http.Post(a.url+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		a.t.Fatalf("Alertmanager answers %s", res.Status)
	}
}
