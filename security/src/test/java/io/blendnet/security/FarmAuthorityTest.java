package io.blendnet.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FarmAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  @Test
  void itsKeyIsForTheOwnerAloneAndSoIsTheFolderThatItMakes() throws Exception {
    Path place = folder.resolve("farm/keys");
    FarmAuthority.openOrCreate(place);
    assertThat(mode(place)).isEqualTo("rwx------");
    assertThat(mode(place.resolve("ca.key"))).isEqualTo("rw-------");
    assertThat(mode(place.resolve("ca.crt"))).isEqualTo("rw-------");
    try (var files = Files.list(place)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("ca.key", "ca.crt");
    }
  }

  @Test
  void openedAgainItIsTheSame() throws Exception {
    FarmAuthority first = FarmAuthority.openOrCreate(folder);
    FarmAuthority second = FarmAuthority.openOrCreate(folder);
    assertThat(second.certificate()).isEqualTo(first.certificate());
    X509Certificate server = second.issue("server", List.of("localhost")).certificate();
    server.verify(first.certificate().getPublicKey());
  }

  @Test
  void ofManyProgramsThatMakeItAtOnceAllGetTheSame() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<X509Certificate>> all =
          threads.invokeAll(
              IntStream.range(0, 8)
                  .mapToObj(_ ->
                      (Callable<X509Certificate>)
                          () -> FarmAuthority.openOrCreate(folder).certificate())
                  .toList());
      X509Certificate first = all.getFirst().get();
      for (Future<X509Certificate> one : all) {
        assertThat(one.get()).isEqualTo(first);
      }
    }
  }

  @Test
  void anInterruptedFirstStartIsFinishedByTheNext() throws Exception {
    FarmAuthority whole = FarmAuthority.openOrCreate(folder);
    Files.delete(folder.resolve("ca.crt"));
    FarmAuthority again = FarmAuthority.openOrCreate(folder);
    assertThat(again.certificate().getPublicKey()).isEqualTo(whole.certificate().getPublicKey());
    assertThat(again.certificate().getSubjectX500Principal())
        .as("clients that have the lost certificate trust what the new one signs")
        .isEqualTo(whole.certificate().getSubjectX500Principal());
  }

  @Test
  void aCertificateWithoutItsKeyIsNeverReplaced() throws Exception {
    FarmAuthority.openOrCreate(folder);
    String before = Files.readString(folder.resolve("ca.crt"));
    Files.delete(folder.resolve("ca.key"));
    assertThatThrownBy(() -> FarmAuthority.openOrCreate(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ca.key is not");
    assertThat(Files.readString(folder.resolve("ca.crt"))).isEqualTo(before);
  }

  @Test
  void aKeyOfAnotherAuthorityIsRefused() throws Exception {
    Path other = folder.resolve("other");
    FarmAuthority.openOrCreate(other);
    Path ours = folder.resolve("ours");
    FarmAuthority.openOrCreate(ours);
    Files.delete(ours.resolve("ca.key"));
    Files.copy(other.resolve("ca.key"), ours.resolve("ca.key"));
    assertThatThrownBy(() -> FarmAuthority.openOrCreate(ours))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ca.key is not the key of");
  }

  @Test
  void opensslAcceptsTheAuthorityTheCertificateAndTheKey() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    ServerIdentity server =
        authority.issue("Server Nº 1", List.of("localhost", "127.0.0.1", "::1"));
    server.store(folder.resolve("server.crt"), folder.resolve("server.key"));

    Openssl verified =
        Openssl.mustSucceed(
            folder,
            "verify",
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-verify_hostname",
            "localhost",
            "-CAfile",
            "ca.crt",
            "server.crt");
    assertThat(verified.output()).contains("server.crt: OK");
    Openssl.mustSucceed(
        folder, "verify", "-x509_strict", "-verify_ip", "::1", "-CAfile", "ca.crt", "server.crt");
    assertThat(
            Openssl.run(
                    folder, "verify", "-verify_ip", "10.0.0.1", "-CAfile", "ca.crt", "server.crt")
                .exitCode())
        .isNotZero();
    assertThat(Openssl.mustSucceed(folder, "pkey", "-in", "server.key", "-noout", "-text").output())
        .contains("NIST CURVE: P-256");
    assertThat(Openssl.mustSucceed(folder, "x509", "-in", "ca.crt", "-noout", "-text").output())
        .contains("CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign");
    assertThat(Openssl.mustSucceed(folder, "x509", "-in", "server.crt", "-noout", "-text").output())
        .contains(
            "CA:FALSE", "TLS Web Server Authentication", "DNS:localhost, IP Address:127.0.0.1");
    String publicOfKey =
        Openssl.mustSucceed(folder, "pkey", "-in", "server.key", "-pubout").output();
    String publicOfCertificate =
        Openssl.mustSucceed(folder, "x509", "-in", "server.crt", "-noout", "-pubkey").output();
    assertThat(publicOfKey).isEqualTo(publicOfCertificate);
  }

  @Test
  void certificatesLastAsLongAsDocumented() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder, InstantSource.fixed(NOW));
    X509Certificate server = authority.issue("server", List.of("localhost")).certificate();
    assertThat(authority.certificate().getNotBefore().toInstant())
        .isEqualTo(NOW.minus(Duration.ofDays(1)));
    assertThat(authority.certificate().getNotAfter().toInstant())
        .isEqualTo(NOW.plus(Duration.ofDays(3652)));
    assertThat(server.getNotBefore().toInstant()).isEqualTo(NOW.minus(Duration.ofDays(1)));
    assertThat(server.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(820)));
  }

  @Test
  void noCertificateOutlivesItsAuthority() throws Exception {
    FarmAuthority.openOrCreate(folder, InstantSource.fixed(NOW));
    FarmAuthority later =
        FarmAuthority.openOrCreate(folder, InstantSource.fixed(NOW.plus(Duration.ofDays(3600))));
    assertThat(later.issue("server", List.of("localhost")).expires())
        .isEqualTo(later.certificate().getNotAfter().toInstant());
  }

  @Test
  void namesOfEveryKindAreCarried() throws Exception {
    ServerIdentity server =
        FarmAuthority.openOrCreate(folder)
            .issue(
                "x".repeat(100),
                List.of(
                    "Render-01.Example.ORG.",
                    "10.1.2.3",
                    "[2001:db8::7]",
                    "bücher.example",
                    "my_agent"));
    assertThat(server.names())
        .containsExactlyInAnyOrder(
            "render-01.example.org",
            "10.1.2.3",
            "2001:db8:0:0:0:0:0:7",
            "xn--bcher-kva.example",
            "my_agent");
  }

  @Test
  void whatIsNoNameIsRefused() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    for (String name :
        List.of("", " ", "a b", "*.example.org", "a..b", "-", "x".repeat(64), "a/b", "a\0b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> authority.issue("server", List.of(name)))
          .withMessageContaining("Not a host name");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> authority.issue("server", List.of()));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
