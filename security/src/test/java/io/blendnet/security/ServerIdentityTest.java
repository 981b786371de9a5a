package io.blendnet.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerIdentityTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  @Test
  void storedAndLoadedItIsTheSameAndItsKeyIsPrivate() throws Exception {
    ServerIdentity made = authority(NOW).issue("server", List.of("localhost"));
    Path certificate = folder.resolve("server.crt");
    Path key = folder.resolve("server.key");
    made.store(certificate, key);
    ServerIdentity loaded = ServerIdentity.load(certificate, key);
    assertThat(loaded.certificate()).isEqualTo(made.certificate());
    assertThat(loaded.privateKeyPem()).isEqualTo(made.privateKeyPem());
    assertThat(mode(key)).isEqualTo("rw-------");
  }

  @Test
  void storingReplacesNothing() throws Exception {
    FarmAuthority authority = authority(NOW);
    ServerIdentity first = authority.issue("server", List.of("localhost"));
    Path certificate = folder.resolve("server.crt");
    Path key = folder.resolve("server.key");
    first.store(certificate, key);
    ServerIdentity second = authority.issue("server", List.of("localhost"));
    assertThatThrownBy(() -> second.store(certificate, key))
        .isInstanceOf(FileAlreadyExistsException.class);
    Files.delete(certificate);
    assertThatThrownBy(() -> second.store(certificate, key))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(certificate).doesNotExist();
    assertThat(Files.readString(key)).isEqualTo(first.privateKeyPem());
  }

  @Test
  void aSecondStartFindsTheIdentityOfTheFirst() throws Exception {
    FarmAuthority authority = authority(NOW);
    ServerIdentity first = open(authority, "localhost", "127.0.0.1");
    assertThat(open(authority, "localhost", "127.0.0.1").certificate())
        .isEqualTo(first.certificate());
    assertThat(open(authority, "LOCALHOST").certificate()).isEqualTo(first.certificate());
  }

  @Test
  void aNewNameIsAddedWithTheSameKey() throws Exception {
    FarmAuthority authority = authority(NOW);
    String key = open(authority, "localhost").privateKeyPem();
    ServerIdentity renewed = open(authority, "localhost", "render.example");
    assertThat(renewed.names()).containsExactlyInAnyOrder("localhost", "render.example");
    assertThat(renewed.privateKeyPem()).isEqualTo(key);
    assertThat(open(authority, "localhost").names())
        .containsExactlyInAnyOrder("localhost", "render.example");
  }

  @Test
  void aCertificateOfOursIsRenewedBeforeItEnds() throws Exception {
    Instant end = open(authority(NOW), "localhost").expires();
    assertThat(open(authority(end.minus(Duration.ofDays(61))), "localhost").expires())
        .isEqualTo(end);
    assertThat(open(authority(end.minus(Duration.ofDays(59))), "localhost").expires()).isAfter(end);
  }

  @Test
  void whatSomebodyElseMadeIsNeverReplacedNotEvenWhenItLacksANameOrEnds() throws Exception {
    Openssl.mustSucceed(
        folder,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-384",
        "-nodes",
        "-days",
        "1",
        "-keyout",
        "server.key",
        "-out",
        "server.crt",
        "-subj",
        "/CN=mine",
        "-addext",
        "subjectAltName=DNS:mine.example");
    String before = Files.readString(folder.resolve("server.crt"));
    ServerIdentity found = open(authority(Instant.now()), "localhost");
    assertThat(found.names()).containsExactly("mine.example");
    assertThat(Files.readString(folder.resolve("server.crt"))).isEqualTo(before);
    assertThat(mode(folder.resolve("server.key"))).isEqualTo("rw-------");
  }

  @Test
  void anInterruptedFirstStartIsFinishedByTheNext() throws Exception {
    FarmAuthority authority = authority(NOW);
    String key = open(authority, "localhost").privateKeyPem();
    Files.delete(folder.resolve("server.crt"));
    assertThat(open(authority, "localhost").privateKeyPem()).isEqualTo(key);
    assertThat(folder.resolve("server.crt")).exists();
  }

  @Test
  void keysInTheOlderFormsOfOpensslAreRead() throws Exception {
    Openssl.mustSucceed(folder, "ecparam", "-name", "prime256v1", "-genkey", "-out", "ec.key");
    Openssl.mustSucceed(folder, "genrsa", "-traditional", "-out", "rsa.key", "2048");
    for (String key : List.of("ec.key", "rsa.key")) {
      Openssl.mustSucceed(
          folder, "req", "-x509", "-key", key, "-days", "1", "-out", "old.crt", "-subj", "/CN=old");
      assertThat(
              ServerIdentity.load(folder.resolve("old.crt"), folder.resolve(key))
                  .certificate()
                  .getSubjectX500Principal()
                  .getName())
          .isEqualTo("CN=old");
    }
  }

  @Test
  void whatCannotBeReadIsNamedWithTheWayOut() throws Exception {
    ServerIdentity good = authority(NOW).issue("server", List.of("localhost"));
    Path certificate = folder.resolve("good.crt");
    Path key = folder.resolve("good.key");
    good.store(certificate, key);

    Path empty = Files.createFile(folder.resolve("empty.pem"));
    assertThatThrownBy(() -> ServerIdentity.load(empty, key))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty.pem holds no certificate");
    assertThatThrownBy(() -> ServerIdentity.load(certificate, empty))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty.pem holds no private key");

    Path torn = folder.resolve("torn.pem");
    Files.writeString(torn, good.certificatePem().substring(0, 200));
    assertThatThrownBy(() -> ServerIdentity.load(torn, key))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("torn.pem");

    Openssl.mustSucceed(
        folder,
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-aes128",
        "-pass",
        "pass:word",
        "-out",
        "locked.key");
    assertThatThrownBy(() -> ServerIdentity.load(certificate, folder.resolve("locked.key")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("locked.key is protected by a passphrase");

    Openssl.mustSucceed(folder, "ecparam", "-name", "prime256v1", "-genkey", "-out", "other.key");
    assertThatThrownBy(() -> ServerIdentity.load(certificate, folder.resolve("other.key")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("other.key is not the key of");
  }

  private ServerIdentity open(FarmAuthority authority, String... names) throws IOException {
    return ServerIdentity.openOrIssue(folder, authority, "server", List.of(names));
  }

  private FarmAuthority authority(Instant now) throws IOException {
    return FarmAuthority.openOrCreate(folder.resolve("authority"), InstantSource.fixed(now));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
