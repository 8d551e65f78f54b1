package cryptobox

import "fmt"

// Kind tells what a record is used for. The zero value is none.
type Kind uint8

// The kinds. A call whose arguments come in chunks has KindCallProgress on each but the last, a
// call whose results do has KindProgress on each but the last.
const (
	KindPublish      Kind = 1
	KindCall         Kind = 2
	KindCallProgress Kind = 3
	KindResult       Kind = 4
	KindProgress     Kind = 5
	KindError        Kind = 6
	KindRefusal      Kind = 7 // tells a caller why its call was refused
)

var kindNames = [...]string{
	KindPublish: "publish", KindCall: "call", KindCallProgress: "call_progress",
	KindResult: "result", KindProgress: "progress", KindError: "error", KindRefusal: "refusal",
}

// String is the kind's name.
func (k Kind) String() string {
	if !k.known() {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kindNames[k]
}

func (k Kind) known() bool { return k >= KindPublish && int(k) < len(kindNames) }

// Direction is the one under whose key records of this kind are sealed.
func (k Kind) Direction() Direction {
	if k <= KindCallProgress {
		return Message
	}
	return Answer
}
