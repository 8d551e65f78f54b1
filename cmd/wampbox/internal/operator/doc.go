// Package operator has the commands of wampbox authority: what the operator of a key service does
// in the authority's folder.
//
//	authority.Commands = operator.Commands(env)
//
// They need no network. What a script may want goes to standard output, all else to standard
// error: what was done, and what to do next. No key but a public one is ever printed.
package operator
