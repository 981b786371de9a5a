package io.blendnet.security;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** Certificates and keys as the text that every other program reads. */
final class Pem {
  private Pem() {}

  /**
   * Reads certificates.
   *
   * @param source what the text is called in messages
   * @return at least one certificate, in the order of the text
   */
  static List<X509Certificate> certificates(String text, String source) throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
    for (Object object : objects(text, source)) {
      if (object instanceof X509CertificateHolder holder) {
        try {
          found.add(converter.getCertificate(holder));
        } catch (CertificateException e) {
          throw new IOException(source + " holds a certificate that cannot be read", e);
        }
      }
    }
    if (found.isEmpty()) {
      throw new IOException(
          source + " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
    }
    return found;
  }

  static List<X509Certificate> certificates(Path file) throws IOException {
    return certificates(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString());
  }

  /** Reads PKCS#8 and the older forms that {@code openssl ecparam} and {@code genrsa} write. */
  static PrivateKey privateKey(String text, String source) throws IOException {
    JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
    for (Object object : objects(text, source)) {
      switch (object) {
        case PrivateKeyInfo key -> {
          return converter.getPrivateKey(key);
        }
        case PEMKeyPair pair -> {
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
        case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
            throw new IOException(
                source
                    + " is protected by a passphrase, which a server without a person beside it cannot"
                    + " type; store the key without one (openssl pkey -in KEY -out NEW)");
        default -> {
          // Parameters of a curve, or a certificate in the same file.
        }
      }
    }
    throw new IOException(
        source + " holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
  }

  static PrivateKey privateKey(Path file) throws IOException {
    return privateKey(
        new String(PrivateFiles.read(file), StandardCharsets.ISO_8859_1), file.toString());
  }

  static String write(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(write("CERTIFICATE", certificate.getEncoded()));
      } catch (CertificateException e) {
        throw new IllegalStateException("A certificate in memory has an encoded form", e);
      }
    }
    return text.toString();
  }

  static String write(PrivateKey key) {
    return write("PRIVATE KEY", key.getEncoded());
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static List<Object> objects(String text, String source) throws IOException {
    List<Object> objects = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        objects.add(object);
      }
    } catch (IOException | RuntimeException e) {
      throw new IOException(source + " is damaged: it is not proper PEM", e);
    }
    return objects;
  }

  private static String write(String type, byte[] content) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, content));
    } catch (IOException e) {
      throw new IllegalStateException("Writing into memory does not fail", e);
    }
    return text.toString();
  }
}
