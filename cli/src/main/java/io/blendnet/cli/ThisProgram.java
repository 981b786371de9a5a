package io.blendnet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start this same program again: same Java, same jars, same AOT cache. */
final class ThisProgram {
  private ThisProgram() {}

  static List<String> command() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Xlog:aot*=off",
            "-Xlog:cds*=off"));
    if (Boolean.getBoolean("blendnet.quick-start")) {
      command.add("-XX:TieredStopAtLevel=1");
    }
    String cache = System.getProperty("blendnet.aot-cache", "");
    if (!cache.isEmpty()) {
      command.add("-XX:AOTCache=" + cache);
      command.add("-Dblendnet.aot-cache=" + cache);
    }
    // Tests run from class folders that Maven's test runner names in a property of its own.
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
    if (classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))) {
      command.addAll(List.of("-jar", Path.of(classPath).toAbsolutePath().toString()));
    } else {
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, Main.class.getName()));
    }
    return List.copyOf(command);
  }
}
