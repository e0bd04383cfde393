package escalation

import "tocsin/hub/incident"

// Why something is done. The same constant goes into the timeline, the metric
// and the test.
const (
	ReasonTriggered      incident.Reason = "triggered"
	ReasonReopened       incident.Reason = "reopened"
	ReasonLeaseOver      incident.Reason = "lease_over"
	ReasonSnoozeOver     incident.Reason = "snooze_over"
	ReasonUrgencyRose    incident.Reason = "urgency_rose"
	ReasonTimeout        incident.Reason = "timeout"
	ReasonSkipped        incident.Reason = "all_pages_failed"
	ReasonPassedOn       incident.Reason = "passed_on"
	ReasonNewRound       incident.Reason = "new_round"
	ReasonKeepPaging     incident.Reason = "keep_paging"
	ReasonByHand         incident.Reason = "by_hand"
	ReasonReassigned     incident.Reason = "reassigned"
	ReasonAdded          incident.Reason = "added"
	ReasonOtherAsk       incident.Reason = "another_command_is_under_way"
	ReasonHandOff        incident.Reason = "hand_off"
	ReasonNobodyReached  incident.Reason = "nobody_reached"
	ReasonNobodyFound    incident.Reason = "nobody_found"
	ReasonInvalidPolicy  incident.Reason = "invalid_policy"
	ReasonLevelEmpty     incident.Reason = "level_empty"
	ReasonExhausted      incident.Reason = "exhausted"
	ReasonHolderSilent   incident.Reason = "holder_silent"
	ReasonNobodyOnCall   incident.Reason = "nobody_on_call"
	ReasonAllOffDuty     incident.Reason = "all_off_duty"
	ReasonAllPassedOn    incident.Reason = "all_passed_on"
	ReasonAlreadyPaged   incident.Reason = "already_paged"
	ReasonByRule         incident.Reason = "by_rule"
	ReasonNotAlive       incident.Reason = "not_alive"
	ReasonNoDevice       incident.Reason = "no_device"
	ReasonNoMethod       incident.Reason = "no_method"
	ReasonNotShown       incident.Reason = "neither_rang_nor_showed"
	ReasonDeviceGone     incident.Reason = "device_gone"
	ReasonNewerPage      incident.Reason = "newer_page"
	ReasonSuccessorAlive incident.Reason = "successor_alive"
	ReasonOtherAlive     incident.Reason = "other_alive"
	ReasonAcknowledged   incident.Reason = "acknowledged"
	ReasonSnoozed        incident.Reason = "snoozed"
	ReasonResolved       incident.Reason = "resolved"
	ReasonLowUrgency     incident.Reason = "low_urgency"
)

// What a decision waits for.
const (
	WaitNothing  incident.Reason = "nothing"
	WaitGrace    incident.Reason = "grace"
	WaitTimeout  incident.Reason = "level_timeout"
	WaitHandOff  incident.Reason = "hand_off"
	WaitMethod   incident.Reason = "next_method"
	WaitDeadline incident.Reason = "show_deadline"
	WaitGone     incident.Reason = "device_gone"
	WaitSkip     incident.Reason = "skip_limit"
	WaitQuiet    incident.Reason = "quiet_until"
)
