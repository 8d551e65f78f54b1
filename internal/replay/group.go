package replay

// group is the senders under a key in a scope.
type group struct {
	name    groupName
	senders int   // that are known
	floor   int64 // what isn't newer may have been forgotten
	age     int64 // how old a message may be
	idle    bool  // it is in the list of groups that nobody was in
}

type groupName struct{ scope, key string }

// groupBytes is about what a group takes beside the name of its scope.
const groupBytes = 250

// maxIdle is how many groups are held for their floor alone.
const maxIdle = 1024

// groups holds those with a sender, and some with a floor that counts.
type groups struct {
	named map[groupName]*group
	idle  []*group // in the order in which the last sender left
	floor int64    // of all groups that are not held
	bytes int
}

// get returns the group of that name, or a new one that isn't held yet.
func (all *groups) get(name groupName) *group {
	if g, ok := all.named[name]; ok {
		return g
	}
	return &group{name: name, floor: all.floor}
}

// join notes that a sender is in the group.
func (all *groups) join(g *group) {
	if g.senders == 0 && all.named[g.name] == nil {
		all.named[g.name] = g
		all.bytes += groupBytes + len(g.name.scope)
	}
	g.senders++
}

// leave forgets a sender of its group, at the time now. Either way of forgetting
// raises the floor: who has expired is behind what is accepted anyhow, unless the
// clock is set back.
func (all *groups) leave(s *sender, now int64) {
	g := s.id.group
	g.senders--
	g.floor = max(g.floor, s.newest)
	switch {
	case g.senders > 0:
	case g.floor+g.age < now:
		all.drop(g)
	case !g.idle:
		g.idle = true
		all.idle = append(all.idle, g)
		if len(all.idle) > maxIdle {
			all.dropIdle()
		}
	}
}

// dropIdle drops the group that was left first, unless somebody is in it again.
func (all *groups) dropIdle() {
	g := all.idle[0]
	all.idle[0] = nil
	all.idle = all.idle[1:]
	g.idle = false
	if g.senders == 0 && all.named[g.name] == g {
		all.drop(g)
	}
}

// drop forgets a group that nobody is in. Its floor becomes that of all others that
// aren't held.
func (all *groups) drop(g *group) {
	delete(all.named, g.name)
	all.bytes -= groupBytes + len(g.name.scope)
	all.floor = max(all.floor, g.floor)
}
