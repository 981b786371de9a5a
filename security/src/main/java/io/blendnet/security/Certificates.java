package io.blendnet.security;

import java.math.BigInteger;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The two kinds of certificate that a farm needs, on the curve P-256. */
final class Certificates {
  /** A certificate is valid from a day ago: machines whose clock is hours behind accept it too. */
  static final Duration CLOCK_SKEW = Duration.ofDays(1);

  /** The authority outlives the farm; it never has to be handed to every client again. */
  static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3652);

  /** Apple's systems refuse server certificates that are valid for more than 825 days. */
  static final Duration SERVER_LIFETIME = Duration.ofDays(820);

  /** Upper bound of a common name in X.520. Nobody checks it any more: names are checked by SAN. */
  private static final int COMMON_NAME_LIMIT = 64;

  /** Letters, digits and hyphens; the underscore too, since containers' names have it. */
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");

  private static final SecureRandom RANDOM = new SecureRandom();

  private Certificates() {}

  static X509Certificate authority(KeyPair keys, Instant now) {
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      // A number in the name tells two farms' authorities apart where a system lists them by name.
      // It comes from the key: a certificate made again for the same key takes the lost one's
      // place.
      byte[] keyId = extensions.createSubjectKeyIdentifier(keys.getPublic()).getKeyIdentifier();
      X500Name name = name("BlendNet farm authority " + HexFormat.of().formatHex(keyId, 0, 4));
      X509v3CertificateBuilder builder =
          builder(name, name, keys.getPublic(), now, now.plus(AUTHORITY_LIFETIME))
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  extensions.createSubjectKeyIdentifier(keys.getPublic()));
      return sign(builder, keys.getPrivate());
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("A certificate could not be made", e);
    }
  }

  /**
   * Makes a server's certificate.
   *
   * @param names DNS names and IP literals, at least one
   */
  static X509Certificate server(
      PublicKey key,
      String commonName,
      Collection<String> names,
      X509Certificate authority,
      PrivateKey authorityKey,
      Instant now) {
    GeneralName[] alternatives =
        names.stream().map(Certificates::alternative).distinct().toArray(GeneralName[]::new);
    if (alternatives.length == 0) {
      throw new IllegalArgumentException("A server's certificate needs a name or an address");
    }
    Instant end = now.plus(SERVER_LIFETIME);
    Instant authorityEnd = authority.getNotAfter().toInstant();
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          builder(
                  new JcaX509CertificateHolder(authority).getSubject(),
                  name(commonName),
                  key,
                  now,
                  end.isBefore(authorityEnd) ? end : authorityEnd)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
              .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives))
              .addExtension(
                  Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  extensions.createAuthorityKeyIdentifier(authority));
      return sign(builder, authorityKey);
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("A certificate could not be made", e);
    }
  }

  /** The names in the form in which certificates carry them; what is none is refused. */
  static Set<String> canonical(Collection<String> names) {
    Set<String> canonical = new LinkedHashSet<>();
    for (String name : names) {
      canonical.add(literal(name).map(InetAddress::getHostAddress).orElseGet(() -> dnsName(name)));
    }
    return canonical;
  }

  static Set<String> namesOf(X509Certificate certificate) {
    Set<String> names = new LinkedHashSet<>();
    Collection<List<?>> alternatives;
    try {
      alternatives = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException _) {
      return names;
    }
    if (alternatives == null) {
      return names;
    }
    for (List<?> alternative : alternatives) {
      // Each is a number for the kind (RFC 5280: 2 DNS name, 7 address) and the name as text.
      if (alternative.get(1) instanceof String name
          && (alternative.get(0).equals(2) || alternative.get(0).equals(7))) {
        names.add(name);
      }
    }
    return canonical(names);
  }

  static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static GeneralName alternative(String name) {
    return literal(name)
        .map(address ->
            new GeneralName(GeneralName.iPAddress, new DEROctetString(address.getAddress())))
        .orElseGet(() -> new GeneralName(GeneralName.dNSName, dnsName(name)));
  }

  private static Optional<InetAddress> literal(String name) {
    String bare =
        name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    try {
      InetAddress address = InetAddress.ofLiteral(bare);
      // Without the interface that a link-local address may name.
      return Optional.of(InetAddress.getByAddress(address.getAddress()));
    } catch (IllegalArgumentException | UnknownHostException _) {
      return Optional.empty();
    }
  }

  private static String dnsName(String name) {
    String ascii;
    try {
      ascii = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Not a host name or IP address: '" + name + "'", e);
    }
    String bare = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
    if (bare.length() > 253 || !DNS_NAME.matcher(bare).matches()) {
      throw new IllegalArgumentException("Not a host name or IP address: '" + name + "'");
    }
    return bare;
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
    // 127 random bits: positive, and unique without a register of numbers.
    BigInteger serial = new BigInteger(127, RANDOM).setBit(126);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(now.minus(CLOCK_SKEW)), Date.from(end), subject, key);
  }

  private static X500Name name(String commonName) {
    String cut =
        commonName.length() > COMMON_NAME_LIMIT
            ? commonName.substring(0, COMMON_NAME_LIMIT)
            : commonName;
    return new X500NameBuilder(BCStyle.INSTANCE)
        .addRDN(BCStyle.O, "BlendNet")
        .addRDN(BCStyle.CN, cut)
        .build();
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(Keys.signatureAlgorithm(key)).build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }
}
