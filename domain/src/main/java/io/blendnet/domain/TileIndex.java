package io.blendnet.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Finds the tiles of a frame that overlap a place of it, without a look at all the others: a coarse
 * grid of squares, each with the tiles that overlap it.
 */
final class TileIndex {
  private static final int SQUARES_A_SIDE = 32;
  private static final int SMALLEST_SQUARE = 32;

  private final int square;
  private final int columns;
  private final List<List<Tile>> squares = new ArrayList<>();

  TileIndex(FrameSize size) {
    int longest = Math.max(size.width(), size.height());
    square = Math.max(SMALLEST_SQUARE, Math.ceilDiv(longest, SQUARES_A_SIDE));
    columns = Math.ceilDiv(size.width(), square);
    int rows = Math.ceilDiv(size.height(), square);
    for (int i = 0; i < columns * rows; i++) {
      squares.add(new ArrayList<>(2));
    }
  }

  void add(Tile tile) {
    for (List<Tile> tiles : squaresOf(tile)) {
      tiles.add(tile);
    }
  }

  void remove(Tile tile) {
    for (List<Tile> tiles : squaresOf(tile)) {
      tiles.remove(tile);
    }
  }

  /** All tiles that overlap a place inside of the frame, in reading order. */
  NavigableSet<Tile> overlapping(Tile place) {
    NavigableSet<Tile> found = new TreeSet<>();
    for (List<Tile> tiles : squaresOf(place)) {
      for (Tile tile : tiles) {
        if (tile.overlaps(place)) {
          found.add(tile);
        }
      }
    }
    return found;
  }

  private List<List<Tile>> squaresOf(Tile tile) {
    List<List<Tile>> found = new ArrayList<>();
    for (int row = tile.y() / square; row <= (tile.bottom() - 1) / square; row++) {
      int first = row * columns + tile.x() / square;
      int last = row * columns + (tile.right() - 1) / square;
      found.addAll(squares.subList(first, last + 1));
    }
    return found;
  }
}
