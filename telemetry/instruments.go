package telemetry

// instruments are all that a collector fills. docs/TELEMETRY.md says the same in a table.
type instruments struct {
	sealed, opened, plain, refused, missed *count
	ready, senders, remembered, memory     *count
	openedAgo                              *span
	histograms

	patterns, versions               *count
	keyAge, sealingLeft, nextVersion *span

	fileChanges, fileFailures, fileFailing *count
	fileLoaded                             *span

	fetches, fetchFailures, grantChanges, fetchFailing *count
	fresh, grantAge, leaseLeft, clockBehind            *span

	members, gets, getsRefused, getsBytes, receipts, hints, serverFailing *count
}

func (m *maker) instruments() instruments {
	i := instruments{histograms: m.histograms()}
	m.ofSessions(&i)
	m.ofRings(&i)
	m.ofFiles(&i)
	m.ofMembers(&i)
	m.ofServers(&i)
	return i
}

func (m *maker) ofSessions(i *instruments) {
	i.sealed = m.counter("wampbox.messages.sealed", "{message}", "Messages that were sealed.")
	i.opened = m.counter("wampbox.messages.opened", "{message}", "Messages that were opened and passed every check.")
	i.plain = m.counter("wampbox.messages.plain", "{message}", "Events and calls that went or came in plain for patterns in transition.")
	i.refused = m.counter("wampbox.messages.refused", "{message}", "Messages that were refused, and answers that couldn't be sealed.")
	i.missed = m.counter("wampbox.events.missed", "{event}", "Events that are missing before those that arrived.")
	i.ready = m.flag("wampbox.session.ready", "1 while the Session is connected, and all that it subscribed and registered is in place.")
	i.openedAgo = m.seconds("wampbox.key.opened.ago", shortest, "Time since a message was opened last; the shortest of several.")
	i.senders = m.amount("wampbox.replay.senders", "{sender}", "Senders that the replay memory in the process holds.")
	i.remembered = m.amount("wampbox.replay.messages", "{message}", "Messages that the replay memory in the process holds one by one: those in foreign dialects.")
	i.memory = m.amount("wampbox.replay.memory", "By", "Estimate of what the replay memory in the process takes.")
}

func (m *maker) ofRings(i *instruments) {
	i.patterns = m.amount("wampbox.ring.patterns", "{pattern}", "Patterns with a key, by whether one of its versions seals now, and its URIs have a name to be sent by.")
	i.versions = m.amount("wampbox.ring.versions", "{version}", "Versions of the ring's keys, by their state now.")
	i.keyAge = m.seconds("wampbox.key.age", longest, "Time since the version that seals became active; the longest of several.")
	i.sealingLeft = m.seconds("wampbox.key.sealing.left", shortest, "Time until a pattern seals nothing, by the versions and scramble secrets that the ring has now; the shortest of several.")
	i.nextVersion = m.seconds("wampbox.key.next", shortest, "Time until another version seals; the shortest of several.")
}

func (m *maker) ofFiles(i *instruments) {
	i.fileChanges = m.counter("wampbox.file.changes", "{change}", "Times that the keyring file has changed the ring.")
	i.fileFailures = m.counter("wampbox.file.failures", "{failure}", "States of the files that didn't load, and errors of watching.")
	i.fileFailing = m.flag("wampbox.file.failing", "1 while the files as they are don't load.")
	i.fileLoaded = m.seconds("wampbox.file.age", longest, "Time since what the ring has was read.")
}

func (m *maker) ofMembers(i *instruments) {
	i.fetches = m.counter("wampbox.keyservice.fetches", "{fetch}", "Fetches that have ended.")
	i.fetchFailures = m.counter("wampbox.keyservice.failures", "{fetch}", "Fetches that have failed.")
	i.grantChanges = m.counter("wampbox.keyservice.changes", "{change}", "Times that a grant has changed the ring.")
	i.fetchFailing = m.flag("wampbox.keyservice.failing", "1 while the last fetch has failed.")
	i.fresh = m.seconds("wampbox.keyservice.fresh", longest, "Time since an answer came that was fresh.")
	i.grantAge = m.seconds("wampbox.keyservice.grant.age", longest, "Time since the grant was issued that the ring has.")
	i.leaseLeft = m.seconds("wampbox.keyservice.lease.left", shortest, "Time until the keys that were lent seal or open nothing.")
	i.clockBehind = m.seconds("wampbox.keyservice.clock.behind", longest, "Time by which the clock is behind the time that was proved.")
}

func (m *maker) ofServers(i *instruments) {
	i.members = m.amount("wampbox.keyservice.server.members", "{member}", "Members whom the server has grants for.")
	i.gets = m.counter("wampbox.keyservice.server.answered", "{get}", "Gets that were answered.")
	i.getsRefused = m.counter("wampbox.keyservice.server.refused", "{get}", "Gets that were refused.")
	i.getsBytes = m.counter("wampbox.keyservice.server.sent", "By", "Ciphertexts in answers.")
	i.receipts = m.counter("wampbox.keyservice.server.receipts", "{receipt}", "Receipts that were written.")
	i.hints = m.counter("wampbox.keyservice.server.announced", "{hint}", "Times that members were told to ask.")
	i.serverFailing = m.flag("wampbox.keyservice.server.failing", "1 since the server's last error, until the folder has changed.")
}
