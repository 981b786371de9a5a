package io.blendnet.blender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything that differs between operating systems. The Linux form is tested; those for macOS and
 * Windows are written after their documentation. Thread-safe.
 */
public interface HostSystem {
  /**
   * Environment variable that marks the processes of one session, so that none of them gets lost
   * when it leaves its group or its parent. Its value is the mark of {@link #killTree}.
   */
  String PROCESS_MARK = "BLENDNET_SESSION";

  /** The system that we run on. */
  static HostSystem current() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (name.contains("windows")) {
      return new WindowsHost();
    }
    if (name.contains("mac")) {
      return new MacHost();
    }
    return new LinuxHost();
  }

  /** For messages: {@code Linux}. */
  String name();

  /**
   * The command so that it starts in a process group of its own and, where the system can, dies
   * with us even when we are killed. On Linux the thread that starts it must live as long as the
   * process: a parent's death is the death of that thread ({@code prctl(2), PR_SET_PDEATHSIG}).
   */
  List<String> inOwnGroup(List<String> command);

  /** Makes the system choose this process before us when memory runs out; at best an attempt. */
  void offerToMemoryKiller(ProcessHandle process);

  /**
   * Kills a process with its group, its children and everything that carries the mark, and waits
   * until they are gone, some seconds at most.
   *
   * @param root started with {@link #inOwnGroup}; may be dead already
   * @param mark value of {@link #PROCESS_MARK} in its environment, unique to it
   * @return whether all are gone; false only for processes that the kernel does not let go (a dead
   *     network disk, a driver)
   */
  boolean killTree(ProcessHandle root, String mark);

  /** Creates a folder, with its parents, that this user alone may enter, or makes it so. */
  void createPrivateFolder(Path folder) throws IOException;

  /**
   * Creates a file that this user alone may read, with this content; it is never readable to
   * others, not even for a moment.
   *
   * @throws java.nio.file.FileAlreadyExistsException when it exists
   */
  void createPrivateFile(Path file, byte[] content) throws IOException;

  /** Names of Blender's executable, as looked for on PATH and in folders that the user names. */
  List<String> blenderNames();

  /** Where Blender usually lies beside PATH, the newest version first; only what exists. */
  List<Path> blenderPlaces();

  /** Names of Pythons on PATH that may have {@code bpy}. */
  List<String> pythonNames();

  /** Why a file cannot have this name here, as a sentence; empty when it can. */
  Optional<String> nameObstacle(String name);

  HostMemory memory();

  /** A sandbox for Blender. It is looked for and tried at each call, which takes milliseconds. */
  default SandboxSearch sandbox() {
    return new SandboxSearch.Missing("There is no sandbox for Blender on " + name() + " yet.");
  }

  /**
   * The most memory that a process has had in use so far, without its children, in bytes; empty
   * where the system does not say, or it is gone.
   */
  default OptionalLong memoryOf(ProcessHandle process) {
    return OptionalLong.empty();
  }

  /**
   * How often the system has killed a process for lack of memory since it started; empty where it
   * does not say.
   */
  default OptionalLong memoryKills() {
    return OptionalLong.empty();
  }

  /**
   * Bytes that this user may still write below a folder.
   *
   * @param folder existing
   */
  default long freeDiskSpace(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }
}
