package io.blendnet.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1");

  @TempDir Path folder;

  @Test
  void aClientThatTrustsTheFarmReachesItsServerByNameAndByAddress() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    try (TestingHttpsServer server = new TestingHttpsServer(authority.issue("agent", LOOPBACK))) {
      assertThat(get(authority.trusted(), "localhost", server.port())).isEqualTo("hello");
      assertThat(get(authority.trusted(), "127.0.0.1", server.port())).isEqualTo("hello");
    }
  }

  @Test
  void aClientReachesAServerByItsIpv6Address() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    ServerIdentity identity = authority.issue("agent", List.of("[::1]"));
    try (TestingHttpsServer server =
        new TestingHttpsServer(identity, InetAddress.ofLiteral("::1"))) {
      assertThat(get(authority.trusted(), "[::1]", server.port())).isEqualTo("hello");
    }
  }

  @Test
  void theServerOfAnotherFarmIsRefused() throws Exception {
    FarmAuthority ours = FarmAuthority.openOrCreate(folder.resolve("ours"));
    FarmAuthority theirs = FarmAuthority.openOrCreate(folder.resolve("theirs"));
    try (TestingHttpsServer server = new TestingHttpsServer(theirs.issue("agent", LOOPBACK))) {
      assertThat(get(theirs.trusted(), "localhost", server.port())).isEqualTo("hello");
      assertThatThrownBy(() -> get(ours.trusted(), "localhost", server.port()))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("unable to find valid certification path");
    }
  }

  @Test
  void aServerWithACertificateForAnotherNameIsRefused() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    ServerIdentity elsewhere =
        authority.issue("localhost", List.of("elsewhere.example", "10.0.0.1"));
    try (TestingHttpsServer server = new TestingHttpsServer(elsewhere)) {
      assertThatThrownBy(() -> get(authority.trusted(), "localhost", server.port()))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("localhost");
      assertThatThrownBy(() -> get(authority.trusted(), "127.0.0.1", server.port()))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("127.0.0.1");
    }
  }

  @Test
  void aPlainSocketWithOurParametersChecksTheNameToo() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    TrustedAuthority trusted = authority.trusted();
    try (TestingHttpsServer server =
            new TestingHttpsServer(authority.issue("agent", List.of("elsewhere.example")));
        SSLSocket socket =
            (SSLSocket)
                trusted
                    .clientContext()
                    .getSocketFactory()
                    .createSocket("localhost", server.port())) {
      socket.setSSLParameters(trusted.clientParameters());
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    FarmAuthority longAgo =
        FarmAuthority.openOrCreate(
            folder,
            InstantSource.fixed(Instant.now().minus(Certificates.SERVER_LIFETIME.plusDays(2))));
    try (TestingHttpsServer server = new TestingHttpsServer(longAgo.issue("agent", LOOPBACK))) {
      assertThatThrownBy(() -> get(longAgo.trusted(), "localhost", server.port()))
          .isInstanceOf(SSLHandshakeException.class)
          .hasStackTraceContaining("NotAfter");
    }
  }

  @Test
  void aClientWhoseClockIsHoursBehindAcceptsANewCertificate() throws Exception {
    FarmAuthority ahead =
        FarmAuthority.openOrCreate(
            folder, InstantSource.offset(InstantSource.system(), Duration.ofHours(12)));
    try (TestingHttpsServer server = new TestingHttpsServer(ahead.issue("agent", LOOPBACK))) {
      assertThat(get(ahead.trusted(), "localhost", server.port())).isEqualTo("hello");
    }
  }

  @Test
  void ourServerSpeaksTls12And13AndNothingOlder() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    try (TestingHttpsServer server = new TestingHttpsServer(authority.issue("agent", LOOPBACK))) {
      assertThat(connect(server.port(), "-tls1_3").output()).contains("Verify return code: 0");
      assertThat(connect(server.port(), "-tls1_2").output()).contains("Verify return code: 0");
      assertThat(connect(server.port(), "-tls1_1").exitCode()).isNotZero();
      assertThat(connect(server.port(), "-tls1_1").output()).contains("alert protocol version");
      assertThat(connect(server.port(), "-tls1").exitCode()).isNotZero();
    }
  }

  @Test
  void ourServerRefusesSuitesWithoutForwardSecrecyOrAuthentication() throws Exception {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder);
    try (TestingHttpsServer server = new TestingHttpsServer(authority.issue("agent", LOOPBACK))) {
      assertThat(
              connect(server.port(), "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384")
                  .exitCode())
          .isZero();
      assertThat(connect(server.port(), "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA").exitCode())
          .isNotZero();
    }
  }

  @Test
  void aSelfSignedCertificateThatWasThereBeforeIsAnAuthorityLikeAnyOther() throws Exception {
    for (String authority : List.of("CA:TRUE", "CA:FALSE")) {
      Path place = Files.createDirectory(folder.resolve(authority.substring(3)));
      Openssl.mustSucceed(
          place,
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-days",
          "30",
          "-keyout",
          "server.key",
          "-out",
          "server.crt",
          "-subj",
          "/CN=localhost",
          "-addext",
          "subjectAltName=DNS:localhost,IP:127.0.0.1",
          "-addext",
          "basicConstraints=critical," + authority);
      Files.copy(place.resolve("server.crt"), place.resolve("ca.crt"));
      ServerIdentity identity =
          ServerIdentity.load(place.resolve("server.crt"), place.resolve("server.key"));
      TrustedAuthority trusted = TrustedAuthority.load(place.resolve("ca.crt"));
      try (TestingHttpsServer server = new TestingHttpsServer(identity)) {
        assertThat(get(trusted, "localhost", server.port())).isEqualTo("hello");
        assertThat(get(trusted, "127.0.0.1", server.port())).isEqualTo("hello");
      }
    }
  }

  private Openssl connect(int port, String... arguments) throws IOException, InterruptedException {
    String[] command =
        Stream.concat(
                Stream.of("s_client", "-connect", "127.0.0.1:" + port, "-CAfile", "ca.crt"),
                Arrays.stream(
                    arguments.length > 1
                        ? arguments
                        : new String[] {arguments[0], "-cipher", "ALL:@SECLEVEL=0"}))
            .toArray(String[]::new);
    return Openssl.run(folder, command);
  }

  private static String get(TrustedAuthority trusted, String host, int port)
      throws IOException, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .sslContext(trusted.clientContext())
            .sslParameters(trusted.clientParameters())
            .build()) {
      URI address = URI.create("https://%s:%d/".formatted(host, port));
      return client
          .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
