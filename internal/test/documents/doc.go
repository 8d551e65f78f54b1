// Package documents holds the Markdown files to what is there: links lead somewhere, names,
// commands and tests exist, and the program in the README runs. It has tests alone.
package documents
