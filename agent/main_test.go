package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestTheHelpShowsACodeAsTheHubMakesThem(t *testing.T) {
	_, after, _ := strings.Cut(about, "--code ")
	code, _, _ := strings.Cut(after, " ")
	if !regexp.MustCompile(`^([A-Z2-7]{5}-){3}[A-Z2-7]{5}$`).MatchString(code) {
		t.Errorf("the example's code is %q", code)
	}
}
