package io.blendnet.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobIndexTest {
  private static final BlobId ID = new BlobId("ab".repeat(32));

  @TempDir private Path folder;

  @Test
  void anIndexThatKnewEverySha1IsTakenOver() throws Exception {
    Path file = folder.resolve("index.db");
    makeSecondFormat(file);
    try (BlobIndex index = BlobIndex.open(file)) {
      assertThat(index.find(ID)).contains(new Blob(ID, 3, Instant.ofEpochSecond(0, 5)));
      assertThat(index.sha1(ID)).contains("cd".repeat(20));
      assertThat(index.bytes()).isEqualTo(3);
      assertThat(index.takeCleanMark()).isTrue();
      Blob other = new Blob(new BlobId("ef".repeat(32)), 4, Instant.EPOCH);
      index.addAll(List.of(other));
      assertThat(index.ask(Set.of(ID, other.id()), Instant.now()))
          .containsExactlyInAnyOrder(ID, other.id());
    }
  }

  /** What the program wrote when each blob had a SHA-1. */
  private static void makeSecondFormat(Path file) throws IOException, SQLException {
    SqliteDriver.loadIn(Files.createDirectories(file.getParent()));
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          """
          CREATE TABLE blob (
            id TEXT PRIMARY KEY,
            sha1 TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            created INTEGER NOT NULL,
            asked INTEGER NOT NULL DEFAULT 0
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
          CREATE INDEX blob_by_asked ON blob (asked, id);
          PRAGMA application_id = 1114391145;
          PRAGMA user_version = 2;
          INSERT INTO meta VALUES ('closed', 'in order');
          """);
      statement.executeUpdate(
          "INSERT INTO blob VALUES ('%s', '%s', 3, 5, 0)".formatted(ID.sha256(), "cd".repeat(20)));
    }
  }
}
