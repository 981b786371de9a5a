package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.unless;

import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import io.blendnet.security.TrustedAuthority;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Versions, suites, certificates, and whom our own clients believe. */
final class TlsChecks {
  private static final String VERSIONS = "Protocol versions and cipher suites";
  private static final String CERTIFICATES = "Certificates";
  private static final String CLIENTS = "What our clients refuse";

  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int TLS_1_2 = 0x0303;

  /** By what is wrong with them (IANA's numbers). */
  private static final Map<String, List<Integer>> WEAK =
      new TreeMap<>(
          Map.of(
              "no encryption (NULL)", List.of(0x0001, 0x0002, 0x003b, 0xc006, 0xc010),
              "no certificate (anon)", List.of(0x0034, 0x006c, 0x00a6, 0xc015, 0xc018),
              "EXPORT", List.of(0x0003, 0x0008, 0x0014),
              "RC4", List.of(0x0004, 0x0005, 0xc007, 0xc011),
              "DES and 3DES", List.of(0x0009, 0x000a, 0x0016, 0xc008, 0xc012),
              "CBC", List.of(0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028),
              "no forward secrecy (RSA key exchange)",
                  List.of(0x002f, 0x0035, 0x003c, 0x009c, 0x009d),
              "no forward secrecy (static ECDH)", List.of(0xc004, 0xc005, 0xc02d, 0xc02e)));

  private static final List<Integer> STRONG = List.of(0xc02b, 0xc02c, 0xcca9);

  private TlsChecks() {}

  static List<SecurityCheck> all() {
    List<SecurityCheck> checks = new ArrayList<>();
    for (var version : List.of("SSL 3.0", "TLS 1.0", "TLS 1.1")) {
      int number = 0x0300 + List.of("SSL 3.0", "TLS 1.0", "TLS 1.1").indexOf(version);
      checks.add(
          new SecurityCheck(
              VERSIONS,
              version + " is refused",
              target -> {
                Hello hello = hello(target, number, List.of(0xc009, 0xc00a, 0xc013, 0x002f));
                return unless(hello.isRefused(), hello.toString());
              }));
    }
    checks.add(
        new SecurityCheck(
            VERSIONS,
            "TLS 1.2 is spoken",
            target -> {
              Hello hello = hello(target, TLS_1_2, STRONG);
              return unless(
                  hello.version() == TLS_1_2 && STRONG.contains(hello.suite()), hello.toString());
            }));
    checks.add(new SecurityCheck(VERSIONS, "TLS 1.3 is spoken", TlsChecks::newestVersion));
    WEAK.forEach((why, suites) ->
        checks.add(
            new SecurityCheck(
                VERSIONS,
                "suites are refused that have " + why,
                target -> {
                  Hello hello = hello(target, TLS_1_2, suites);
                  return unless(hello.isRefused(), hello.toString());
                })));
    checks.add(
        new SecurityCheck(
            VERSIONS, "plain HTTP gets no answer of HTTP", TlsChecks::noAnswerInTheClear));
    checks.add(
        new SecurityCheck(
            CERTIFICATES, "the key is on P-256, signed with SHA-256", TlsChecks::strongKey));
    checks.add(
        new SecurityCheck(
            CERTIFICATES,
            "it names localhost, 127.0.0.1 and ::1, and no wildcard",
            target -> names(target)));
    checks.add(
        new SecurityCheck(
            CERTIFICATES,
            "it is valid now, from a day ago on, for at most 825 days",
            TlsChecks::validity));
    checks.add(
        new SecurityCheck(
            CERTIFICATES,
            "it is a server's (serverAuth), and no authority's",
            target -> {
              X509Certificate own = certificate(target);
              boolean server =
                  own.getExtendedKeyUsage() != null
                      && own.getExtendedKeyUsage().equals(List.of("1.3.6.1.5.5.7.3.1"));
              return unless(server && own.getBasicConstraints() == -1, own.toString());
            }));
    checks.add(
        new SecurityCheck(
            CLIENTS,
            "a server whose certificate another authority issued",
            target -> {
              Path folder = Files.createTempDirectory("other-authority");
              FarmAuthority other = FarmAuthority.openOrCreate(folder);
              try {
                return refused(target.port(), "localhost", other.trusted().clientContext(), target);
              } finally {
                Commands.delete(folder);
              }
            }));
    checks.add(
        new SecurityCheck(
            CLIENTS, "a server under a name that its certificate lacks", TlsChecks::wrongName));
    checks.add(new SecurityCheck(CLIENTS, "a certificate that has expired", TlsChecks::expired));
    return checks;
  }

  /**
   * What a server answered to a greeting.
   *
   * @param version of its own greeting; 0: none came
   * @param alert the number of the alert that came instead; -1: none
   */
  private record Hello(int version, int suite, int alert) {
    boolean isRefused() {
      return version == 0;
    }

    @Override
    public String toString() {
      return "version %x, suite %x, alert %d".formatted(version, suite, alert);
    }
  }

  /** A greeting of our own making: libraries do not offer any more what is to be refused. */
  private static Hello hello(SecurityTarget target, int version, List<Integer> suites)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
      socket.setSoTimeout(15_000);
      socket.getOutputStream().write(greeting(version, suites));
      var in = new DataInputStream(socket.getInputStream());
      try {
        int type = in.readUnsignedByte();
        in.readUnsignedShort();
        byte[] content = new byte[in.readUnsignedShort()];
        in.readFully(content);
        if (type == ALERT) {
          return new Hello(0, 0, content[1]);
        }
        if (type != HANDSHAKE || content[0] != 2) {
          return new Hello(-1, 0, -1);
        }
        int chosen = (content[4] & 0xff) << 8 | (content[5] & 0xff);
        int suiteAt = 6 + 32 + 1 + content[38];
        int suite = (content[suiteAt] & 0xff) << 8 | (content[suiteAt + 1] & 0xff);
        return new Hello(chosen, suite, -1);
      } catch (EOFException e) {
        return new Hello(0, 0, -1);
      }
    }
  }

  private static byte[] greeting(int version, List<Integer> suites) throws IOException {
    var body = new ByteArrayOutputStream();
    var out = new DataOutputStream(body);
    out.writeShort(version);
    out.write(new byte[32]);
    out.writeByte(0);
    out.writeShort(2 * suites.size());
    for (int suite : suites) {
      out.writeShort(suite);
    }
    out.write(new byte[] {1, 0});
    byte[] groups = {0, 10, 0, 6, 0, 4, 0, 23, 0, 29};
    byte[] points = {0, 11, 0, 2, 1, 0};
    byte[] signatures = {0, 13, 0, 10, 0, 8, 4, 3, 4, 1, 2, 3, 2, 1};
    out.writeShort(groups.length + points.length + signatures.length);
    out.write(groups);
    out.write(points);
    out.write(signatures);
    var record = new ByteArrayOutputStream();
    var wrapped = new DataOutputStream(record);
    wrapped.writeByte(HANDSHAKE);
    wrapped.writeShort(Math.min(version, 0x0301));
    wrapped.writeShort(body.size() + 4);
    wrapped.writeInt(1 << 24 | body.size());
    body.writeTo(wrapped);
    return record.toByteArray();
  }

  private static Optional<String> newestVersion(SecurityTarget target) throws IOException {
    try (SSLSocket socket = target.connect()) {
      socket.startHandshake();
      return unless(
          socket.getSession().getProtocol().equals("TLSv1.3"), socket.getSession().getProtocol());
    }
  }

  private static Optional<String> noAnswerInTheClear(SecurityTarget target) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
      socket.setSoTimeout(15_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/info HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      var answer = SecurityTarget.Answer.read(socket.getInputStream());
      return unless(!answer.text().contains("HTTP"), answer.toString());
    }
  }

  private static X509Certificate certificate(SecurityTarget target) throws IOException {
    try (SSLSocket socket = target.connect()) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static Optional<String> strongKey(SecurityTarget target) throws IOException {
    X509Certificate own = certificate(target);
    boolean strong =
        own.getPublicKey() instanceof ECPublicKey key
            && key.getParams().getCurve().getField().getFieldSize() == 256
            && own.getSigAlgName().equals("SHA256withECDSA");
    return unless(strong, own.getSigAlgName());
  }

  private static Optional<String> names(SecurityTarget target) throws Exception {
    Set<String> names =
        certificate(target).getSubjectAlternativeNames().stream()
            .map(name -> String.valueOf(name.get(1)))
            .collect(Collectors.toSet());
    boolean right =
        names.containsAll(Set.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"))
            && names.stream().noneMatch(name -> name.contains("*"));
    return unless(right, names.toString());
  }

  private static Optional<String> validity(SecurityTarget target) throws IOException {
    X509Certificate own = certificate(target);
    Instant begin = own.getNotBefore().toInstant();
    Instant end = own.getNotAfter().toInstant();
    Instant now = Instant.now();
    boolean right =
        begin.isBefore(now.minus(Duration.ofHours(20)))
            && end.isAfter(now)
            && Duration.between(begin, end).compareTo(Duration.ofDays(825)) <= 0;
    return unless(right, begin + " to " + end);
  }

  /** Whether a client of ours says that it does not believe a server. */
  private static Optional<String> refused(
      int port, String name, SSLContext trust, SecurityTarget target) throws InterruptedException {
    var options =
        ClientOptions.of(new ServerAddress(name, port), trust, target.user(), target::password)
            .withAttempts(1);
    try (var client = new ManagerClient(options)) {
      var _ = client.info();
      return Optional.of("it was believed");
    } catch (FarmException e) {
      String words = String.valueOf(e.getMessage());
      return unless(words.contains("certificate"), words);
    }
  }

  /** By way of an address that the server does not listen on and its certificate does not name. */
  private static Optional<String> wrongName(SecurityTarget target) throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.2"))) {
      Thread.startVirtualThread(() -> forward(listener, target.port()));
      return refused(listener.getLocalPort(), "127.0.0.2", target.tls(), target);
    }
  }

  private static void forward(ServerSocket listener, int port) {
    try (Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread back =
          Thread.startVirtualThread(() -> {
            try {
              server.getInputStream().transferTo(client.getOutputStream());
            } catch (IOException e) {
              // One of the two has ended it.
            }
          });
      client.getInputStream().transferTo(server.getOutputStream());
      back.join();
    } catch (IOException e) {
      // One of the two has ended it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<String> expired(SecurityTarget target) throws Exception {
    Path folder = Files.createTempDirectory("expired");
    InstantSource past = InstantSource.fixed(Instant.now().minus(Duration.ofDays(900)));
    FarmAuthority authority = FarmAuthority.openOrCreate(folder, past);
    ServerIdentity identity = authority.issue("expired", List.of("localhost", "127.0.0.1"));
    TrustedAuthority trusted = authority.trusted();
    try (var listener =
        (SSLServerSocket)
            identity
                .serverContext()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> {
        try (SSLSocket socket = (SSLSocket) listener.accept()) {
          socket.startHandshake();
        } catch (IOException e) {
          // The client does not go on, as it should be.
        }
      });
      return refused(listener.getLocalPort(), "localhost", trusted.clientContext(), target);
    } finally {
      Commands.delete(folder);
    }
  }
}
