package io.blendnet.blender;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A way to run a program so that it sees next to nothing of this computer: the system's programs
 * and libraries, the graphics card, and the folders that it is given. It has process numbers of its
 * own, no capability, and can gain none. Thread-safe.
 *
 * <p>Files that the program is to use may need to be opened to it ({@link #letRead}, {@link
 * #letWrite}): where we are root, it is another user.
 */
public sealed interface Sandbox permits Bubblewrap {
  /** What it is, for people: {@code bubblewrap 0.8.0, as user 65534}. */
  String description();

  /**
   * The command that runs a command in it.
   *
   * @param folder working folder, visible to it
   */
  List<String> around(List<String> command, Path folder, Confinement confinement);

  /** How many processes of the sandbox's own are between us and the command. */
  int processesAround();

  /** Opens a file to the program, or a folder without what is in it, for reading alone. */
  void letRead(Path path) throws IOException;

  /** Hands a folder over to the program, without what is in it. */
  void letWrite(Path folder) throws IOException;
}
