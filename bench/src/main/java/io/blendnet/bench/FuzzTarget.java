package io.blendnet.bench;

import java.io.IOException;
import java.util.List;

/** Something that takes bytes from strangers. */
interface FuzzTarget {
  /** In a word, as the command calls it. */
  String name();

  /** What it takes as it should be: where mutation begins. */
  List<byte[]> samples() throws IOException;

  /**
   * Takes bytes: refuses them in its own words, or does with them what it should.
   *
   * @throws RuntimeException a fault
   * @throws Error a fault
   */
  void take(byte[] bytes) throws IOException;
}
