package io.blendnet.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Behaves as {@code blendnet agent} does towards whoever starts it: tells its port, and ends when
 * its standard input closes. Its first argument says how.
 */
public final class TestingAgentProgram {
  private TestingAgentProgram() {}

  static List<String> command(String behaviour) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
        TestingAgentProgram.class.getName(),
        behaviour);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> given = Arrays.asList(arguments);
    Path folder = Path.of(given.get(given.indexOf("--folder") + 1));
    String behaviour = given.getFirst();
    if (behaviour.equals("no-blender")) {
      System.out.println("There is no Blender here.");
      System.exit(3);
    }
    if (behaviour.equals("hang")) {
      System.out.println("Looking for a Blender ...");
      Thread.sleep(Duration.ofDays(1));
    }
    if (behaviour.equals("with-child")) {
      new ProcessBuilder("sleep", "86400").start();
    }
    if (behaviour.equals("stubborn")) {
      Runtime.getRuntime().addShutdownHook(new Thread(TestingAgentProgram::holdOn));
    }
    Path part = Files.writeString(folder.resolve("agent.port.part"), "12345\n");
    Files.move(part, folder.resolve("agent.port"), StandardCopyOption.ATOMIC_MOVE);
    while (System.in.read() >= 0) {
      // Nothing is ever written; the end of the stream is the message.
    }
    Files.writeString(folder.resolve("ended-with-parent"), "");
    Runtime.getRuntime().halt(0);
  }

  private static void holdOn() {
    try {
      Thread.sleep(Duration.ofDays(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
