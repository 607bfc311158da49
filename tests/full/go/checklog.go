// Command checklog verifies a copy of one of our logs with the Go project's own code (golang.org/x/mod/sumdb).
//
//	checklog DIRECTORY VKEY [PROOF...]
//
// DIRECTORY holds checkpoint and tile/. VKEY is the log's Ed25519 verifier key. Each PROOF is a .tlog-proof file. Every
// entry, a proof for every entry, and consistency between many sizes are checked; the first thing wrong ends it.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// tileFiles reads tiles from a directory laid out as C2SP tlog-tiles has it: the height is not in the path.
type tileFiles struct{ directory string }

func (t tileFiles) Height() int { return height }

func (t tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.directory, path))
		if err != nil {
			return nil, err
		}
		all[i] = data
	}
	return all, nil
}

func (t tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

// openCheckpoint returns origin and tree of a checkpoint that the key signed.
func openCheckpoint(data []byte, vkey string) (string, tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return "", tlog.Tree{}, fmt.Errorf("not a checkpoint of %q", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	root, err := parseHash(lines[2])
	return lines[0], tlog.Tree{N: size, Hash: root}, err
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != tlog.HashSize {
		return hash, fmt.Errorf("not a hash: %q", text)
	}
	copy(hash[:], raw)
	return hash, nil
}

// readEntries returns all entries of a log from its bundles.
func readEntries(directory string, size int64) ([][]byte, error) {
	var entries [][]byte
	for number := int64(0); number*256 < size; number++ {
		width := size - number*256
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: height, L: 0, N: number, W: int(width)}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(directory, path))
		if err != nil {
			return nil, err
		}
		for count := int64(0); count < width; count++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s ends early", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:end])
			data = data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s has more than its entries", path)
		}
	}
	return entries, nil
}

func checkEntries(tree tlog.Tree, reader tlog.HashReader, entries [][]byte) error {
	for i, entry := range entries {
		index := int64(i)
		leaf := tlog.RecordHash(entry)
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		if stored[0] != leaf {
			return fmt.Errorf("entry %d is not the one in the tree", index)
		}
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return nil
}

func checkSizes(tree tlog.Tree, reader tlog.HashReader) error {
	for old := int64(1); old <= tree.N; old += 1 + old/9 {
		root, err := tlog.TreeHash(old, reader)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, root); err != nil {
			return fmt.Errorf("size %d: %w", old, err)
		}
	}
	return nil
}

// checkProofFile checks a .tlog-proof file against the entry it is about.
func checkProofFile(path, vkey string, entries [][]byte) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	top, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(top), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("%s is not a proof", path)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || index >= int64(len(entries)) {
		return fmt.Errorf("%s has no index we know", path)
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := parseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	_, tree, err := openCheckpoint(checkpoint, vkey)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index]))
}

func run(directory, vkey string, proofs []string) error {
	data, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return err
	}
	origin, tree, err := openCheckpoint(data, vkey)
	if err != nil {
		return err
	}
	entries, err := readEntries(directory, tree.N)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tileFiles{directory})
	if err := checkEntries(tree, reader, entries); err != nil {
		return err
	}
	if err := checkSizes(tree, reader); err != nil {
		return err
	}
	for _, path := range proofs {
		if err := checkProofFile(path, vkey, entries); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d entries, root %s, %d proof files\n", origin, tree.N, tree.Hash, len(proofs))
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: checklog DIRECTORY VKEY [PROOF...]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
