package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/shared/build"
)

// web sends requests to gateways.
type web struct{ client *http.Client }

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

func newWeb(dial Dial) web {
	return web{&http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dial, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect would carry a message and its secrets to who knows where.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// post sends a body and answers the status and what the gateway said. Every
// error is a Failure that names who has not taken it, and no address.
func (w web) post(ctx context.Context, who, to string, header http.Header, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, nil, &Failure{Permanent: true, Sentence: who + ": the address is not a valid one"}
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "Tocsin/"+build.Version())
	if u := req.URL.User; u != nil && req.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
	}
	req.URL.User = nil
	res, err := w.client.Do(req)
	if err != nil {
		return 0, nil, notReached(who, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, nil, notReached(who, err)
	}
	err = judge(who, res.StatusCode, text)
	if f, ok := errors.AsType[*Failure](err); ok {
		f.After = retryAfter(res.Header.Get("Retry-After"))
	}
	return res.StatusCode, text, err
}

// retryAfter reads the header of that name: seconds, or a time.
func retryAfter(text string) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 20); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// postJSON is post with a value as its body.
func (w web) postJSON(ctx context.Context, who, to string, header http.Header, v any) (int, []byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return 0, nil, &Failure{Permanent: true, Sentence: who + ": the message cannot be written as JSON"}
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	return w.post(ctx, who, to, header, body)
}

// notReached tells of an error on the way, without the address: it may be a
// secret.
func notReached(who string, err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Sentence: who + " did not answer in time"}
	case errors.Is(err, context.Canceled):
		return &Failure{Sentence: who + ": no longer needed"}
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return &Failure{Sentence: line(fmt.Sprintf("%s could not be reached: %v", who, err), maxLine)}
}

// judge tells what passes from what stays.
func judge(who string, status int, text []byte) error {
	if status >= 200 && status < 300 {
		return nil
	}
	f := &Failure{Permanent: true, Sentence: line(strings.TrimSuffix(fmt.Sprintf("%s answered %d %s: %s", who, status, http.StatusText(status), text), ": "), maxLine)}
	switch {
	case status >= 300 && status < 400:
		f.Sentence = fmt.Sprintf("%s answered %d: it has moved; configure its new address", who, status)
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		f.Permanent = false
	}
	return f
}

// unexpected is an answer that says yes and is not the gateway's: a page of a
// proxy, say. Believing it would leave somebody asleep.
func unexpected(who string, text []byte) error {
	return &Failure{Sentence: line(fmt.Sprintf("%s answered something else than it should: %s", who, text), maxLine)}
}

// chatError is a word by which chats of Slack's form say what is wrong:
// invalid_payload, channel_not_found.
var chatError = regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)+$`)

// saysNo reports whether a chat's answer takes back what its status said: an error,
// or the page of something that stands in front of it. What else they answer differs
// from product to product.
func saysNo(answer []byte) bool {
	text := bytes.TrimSpace(answer)
	if bytes.HasPrefix(text, []byte("<")) || chatError.Match(text) {
		return true
	}
	var said struct {
		OK      *bool           `json:"ok"`
		Success *bool           `json:"success"`
		Result  string          `json:"result"`
		Error   json.RawMessage `json:"error"`
	}
	if json.Unmarshal(text, &said) != nil {
		return false
	}
	no := func(b *bool) bool { return b != nil && !*b }
	return no(said.OK) || no(said.Success) || said.Result == "error" || !slices.Contains([]string{"", "null", "false", `""`}, string(said.Error))
}
