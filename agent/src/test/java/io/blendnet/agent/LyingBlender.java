package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The real Blender behind a program that passes everything on, but spoils the file of the next cell
 * before it passes on that it was saved: as a full disk does, or a live session that renders other
 * samples than asked.
 */
final class LyingBlender {
  private static final String PROGRAM =
      """
      #!/usr/bin/env python3
      import json, os, subprocess, sys, threading
      REAL, LIE = "@real@", "@lie@"
      blender = subprocess.Popen([REAL] + sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
      outputs = {}
      def pass_commands():
          for line in sys.stdin.buffer:
              command = json.loads(line)
              if command.get('do') == 'render':
                  outputs[command['id']] = command['output']
              blender.stdin.write(line)
              blender.stdin.flush()
          blender.stdin.close()
      def spoil(output):
          if not os.path.exists(LIE):
              return
          part = next(p for p in (output, output + '.part') if os.path.exists(p))
          lie = open(LIE).read()
          os.remove(LIE)
          if lie.startswith('link '):
              os.remove(part)
              os.symlink(lie[5:], part)
              return
          with open(part, 'rb') as file:
              content = file.read()
          if lie == 'short':
              content = content[:len(content) // 2]
          elif lie == 'empty':
              content = b''
          elif lie == 'garbage':
              content = b'x' * len(content)
          elif lie == 'samples':
              at = content.index(b'.samples\\0string\\0') + len(b'.samples\\0string\\0') + 4
              content = content[:at] + b'7' + content[at + 1:]
          with open(part, 'wb') as file:
              file.write(content)
      threading.Thread(target=pass_commands, daemon=True).start()
      for line in blender.stdout:
          if line.startswith(b'@blendnet '):
              answer = json.loads(line[len(b'@blendnet '):])
              if answer.get('ok') and answer['id'] in outputs:
                  spoil(outputs[answer['id']])
          sys.stdout.buffer.write(line)
          sys.stdout.buffer.flush()
      sys.exit(blender.wait())
      """;

  private final Path lie;
  private final BlenderInstallation installation;

  private LyingBlender(Path lie, BlenderInstallation installation) {
    this.lie = lie;
    this.installation = installation;
  }

  static LyingBlender in(Path folder) throws IOException {
    BlenderInstallation real = TestingScene.blender();
    Path lie = folder.resolve("lie");
    Path program = folder.resolve("lying-blender");
    Files.writeString(
        program,
        PROGRAM.replace("@real@", real.executable().toString()).replace("@lie@", lie.toString()));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new LyingBlender(
        lie,
        new BlenderInstallation(
            program,
            BlenderInstallation.Kind.EXECUTABLE,
            real.version(),
            real.versionString(),
            real.buildDate(),
            real.denoising(),
            real.folders()));
  }

  BlenderInstallation installation() {
    return installation;
  }

  /** No more lies. */
  void beHonest() throws IOException {
    Files.deleteIfExists(lie);
  }

  /** The next cell's file will be {@code short}, {@code empty}, {@code garbage}... */
  void spoilNext(String how) throws IOException {
    Files.writeString(lie, how);
  }
}
