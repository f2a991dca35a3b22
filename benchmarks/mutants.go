//go:build ignore

// Mutants lists small faults that could be put into Go files: a line of JSON for each.
//
//	go run mutants.go < names of files, one a line
package main

import (
	"bufio"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// Mutant replaces the bytes from Start to End of a file by Text.
type Mutant struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
	Kind  string `json:"kind"`
}

var flipped = map[token.Token]string{
	token.EQL: "!=", token.NEQ: "==", token.LSS: ">=", token.GEQ: "<", token.GTR: "<=",
	token.LEQ: ">", token.LAND: "||", token.LOR: "&&",
}

func main() {
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		source, err := os.ReadFile(lines.Text())
		if err != nil {
			continue
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, lines.Text(), source, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, one := range mutants(files, parsed, source) {
			one.File = lines.Text()
			if err := out.Encode(one); err != nil {
				os.Exit(1)
			}
		}
	}
}

func mutants(files *token.FileSet, parsed *ast.File, source []byte) []Mutant {
	var found []Mutant
	add := func(kind, text string, start, end token.Pos) {
		from, to := files.Position(start), files.Position(end)
		found = append(found, Mutant{
			Line: from.Line, Start: from.Offset, End: to.Offset, Text: text, Kind: kind,
		})
	}
	for _, declared := range parsed.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		if zero := zeros(files, function, source); zero != "" {
			add("zero", zero, function.Body.Lbrace+1, function.Body.Lbrace+1)
		}
		ast.Inspect(function.Body, func(node ast.Node) bool {
			switch one := node.(type) {
			case *ast.BinaryExpr:
				if text, ok := flipped[one.Op]; ok {
					add("flip", text, one.OpPos, one.OpPos+token.Pos(len(one.Op.String())))
				}
			case *ast.ExprStmt:
				add("delete", "", one.Pos(), one.End())
			case *ast.AssignStmt:
				if one.Tok != token.DEFINE {
					add("delete", "", one.Pos(), one.End())
				}
			}
			return true
		})
	}
	return found
}

// zeros is a return of zero values that can stand first in the function; "": it returns nothing.
func zeros(files *token.FileSet, function *ast.FuncDecl, source []byte) string {
	if function.Type.Results == nil {
		return ""
	}
	var values []string
	for _, result := range function.Type.Results.List {
		from, to := files.Position(result.Type.Pos()), files.Position(result.Type.End())
		value := "*new(" + string(source[from.Offset:to.Offset]) + ")"
		for range max(1, len(result.Names)) {
			values = append(values, value)
		}
	}
	return " return " + strings.Join(values, ", ") + ";"
}
