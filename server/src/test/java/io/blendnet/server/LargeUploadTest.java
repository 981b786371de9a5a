package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.TransferProgress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More than this Java's whole memory goes through client and server. */
class LargeUploadTest {
  @TempDir static Path folder;
  private static TestingBlobs blobs;
  private static TestingServer server;
  private static Path file;

  @BeforeAll
  static void start() throws IOException {
    blobs = new TestingBlobs(folder.resolve("blobs"));
    server = new TestingServer(folder, new BlobEndpoints(blobs));
    file = folder.resolve("large");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(Runtime.getRuntime().maxMemory() + 8 * 1024 * 1024);
    }
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    blobs.close();
  }

  @Test
  void byOurClient() throws Exception {
    try (var client = server.client()) {
      OfferedFile offered = OfferedFile.read(file);
      var sent = client.sendFiles(List.of(offered), TransferProgress.NONE);

      assertThat(sent.bytes()).isEqualTo(Files.size(file));
      assertThat(blobs.store.find(offered.blob()).orElseThrow().size()).isEqualTo(Files.size(file));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--http1.1", "--http2"})
  void byCurl(String version) throws Exception {
    var answer =
        server
            .curl()
            .call(
                "task/curl" + version + "/file/a",
                version,
                "-T",
                file.toString(),
                "-H",
                "X-Checksum-Sha1: " + FileChecksum.SHA_1.of(file));

    assertThat(answer.error()).isEmpty();
    assertThat(answer.status()).isEqualTo(200);
    Files.delete(folder.resolve("contents").resolve(FileChecksum.SHA_1.of(file)));
  }
}
