// Judges an exported ledger with the Go module mirror's own code for notes and trees (golang.org/x/mod/sumdb).
//
//	tlog-go DIR VKEY [OLDER_CHECKPOINT...]
//	tlog-go -proof FILE LEAF_BASE64 VKEY
//
// It knows the Ed25519 key only, as most readers of C2SP logs do, and must pass over the line of the other one.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8
const width = 1 << height

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: tlog-go DIR VKEY [OLDER_CHECKPOINT...]")
		os.Exit(2)
	}
	var size int64
	var err error
	if len(os.Args) == 5 && os.Args[1] == "-proof" {
		size, err = judgeProof(os.Args[2], os.Args[3], os.Args[4])
	} else {
		size, err = judge(os.Args[1], os.Args[2], os.Args[3:])
	}
	if err != nil {
		fmt.Println("REJECTED", err)
		os.Exit(1)
	}
	fmt.Println("ACCEPTED", size)
}

func judge(dir, vkey string, older []string) (int64, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return 0, fmt.Errorf("vkey: %w", err)
	}
	tree, err := readCheckpoint(filepath.Join(dir, "checkpoint"), verifier)
	if err != nil {
		return 0, err
	}
	records, stored, err := readEntries(dir, tree.N)
	if err != nil {
		return 0, err
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return 0, err
	}
	if root != tree.Hash {
		return 0, errors.New("the entries do not make the signed root")
	}
	if err := checkTiles(dir, tree.N, stored); err != nil {
		return 0, err
	}
	if err := checkProofs(dir, tree, records); err != nil {
		return 0, err
	}
	for _, path := range older {
		if err := checkOlder(path, verifier, dir, tree); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return tree.N, nil
}

// C2SP tlog-checkpoint: origin, size and root, a line each. The origin is the key's name.
func readCheckpoint(path string, verifier note.Verifier) (tlog.Tree, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	return openCheckpoint(data, verifier)
}

func openCheckpoint(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("not a tree size")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("not a root")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// C2SP tlog-proof: a header, the index, the hashes from the leaf upwards, an empty line and the checkpoint.
func judgeProof(path, leaf, vkey string) (int64, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return 0, fmt.Errorf("vkey: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	head, signed, ok := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return 0, errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return 0, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint([]byte(signed), verifier)
	if err != nil {
		return 0, err
	}
	entry, err := base64.StdEncoding.DecodeString(leaf)
	if err != nil {
		return 0, err
	}
	return tree.N, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// C2SP tlog-tiles: N in groups of three digits, all but the last behind an x.
func tilePath(dir, level string, n int64, w int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if w < width {
		path += fmt.Sprintf(".p/%d", w)
	}
	return filepath.Join(dir, "tile", level, filepath.FromSlash(path))
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, errors.New("a hash beyond the tree")
		}
		found[i] = h[index]
	}
	return found, nil
}

func readEntries(dir string, size int64) ([]tlog.Hash, hashes, error) {
	var records []tlog.Hash
	var stored hashes
	for first := int64(0); first < size; first += width {
		w := width
		if size-first < width {
			w = int(size - first)
		}
		path := tilePath(dir, "entries", first/width, w)
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		for i := 0; i < w; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, nil, fmt.Errorf("%s ends inside entry %d", path, i)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			entry := data[2:end]
			data = data[end:]
			more, err := tlog.StoredHashes(int64(len(records)), entry, stored)
			if err != nil {
				return nil, nil, err
			}
			stored = append(stored, more...)
			records = append(records, tlog.RecordHash(entry))
		}
		if len(data) > 0 {
			return nil, nil, fmt.Errorf("%s goes on after its last entry", path)
		}
	}
	return records, stored, nil
}

// Every hash tile of the tree is the one that the entries make.
func checkTiles(dir string, size int64, stored hashes) error {
	all := tlog.NewTiles(height, 0, size)
	for i, tile := range all {
		// Every width that a partial tile ever had is listed; the tree of this size has the last.
		if i+1 < len(all) && all[i+1].L == tile.L && all[i+1].N == tile.N {
			continue
		}
		expected, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			return err
		}
		path := tilePath(dir, strconv.Itoa(tile.L), tile.N, tile.W)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(data, expected) {
			return fmt.Errorf("%s is not the tile that the entries make", path)
		}
	}
	return nil
}

// A reader of the tiles alone, as a client that has no entries would have it.
type tiles struct {
	dir  string
	kept map[string][]byte
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		path := tilePath(t.dir, strconv.Itoa(tile.L), tile.N, tile.W)
		data, ok := t.kept[path]
		if !ok {
			var err error
			if data, err = os.ReadFile(path); err != nil {
				return nil, err
			}
			t.kept[path] = data
		}
		read = append(read, data)
	}
	return read, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func newTiles(dir string) *tiles { return &tiles{dir, map[string][]byte{}} }

// Every entry is proven from the tiles alone.
func checkProofs(dir string, tree tlog.Tree, records []tlog.Hash) error {
	reader := tlog.TileHashReader(tree, newTiles(dir))
	for i, record := range records {
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), record); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return nil
}

func checkOlder(path string, verifier note.Verifier, dir string, tree tlog.Tree) error {
	older, err := readCheckpoint(path, verifier)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, older.N, tlog.TileHashReader(tree, newTiles(dir)))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}
