package io.blendnet.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPublicKeySpec;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;

/** Key pairs on the curve P-256, and the files that keep them. */
final class Keys {
  private static final String CURVE = "secp256r1";

  private Keys() {}

  static KeyPair create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java runtime knows the curve P-256", e);
    }
  }

  /** The key in a private file, which is made where it is missing. */
  static KeyPair openOrCreate(Path file) throws IOException {
    if (!Files.exists(file)) {
      KeyPair keys = create();
      try {
        PrivateFiles.create(file, Pem.bytes(Pem.write(keys.getPrivate())));
        return keys;
      } catch (FileAlreadyExistsException _) {
        // Another program was quicker; its key is the one.
      }
    }
    return withPublicKey(Pem.privateKey(file), file);
  }

  /** Whether a signature by the private key is one of the public key's owner. */
  static boolean belongTogether(PublicKey publicKey, PrivateKey privateKey) {
    byte[] proof = "BlendNet".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(signatureAlgorithm(privateKey));
      signature.initSign(privateKey);
      signature.update(proof);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(proof);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  static String signatureAlgorithm(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> key.getAlgorithm();
    };
  }

  private static KeyPair withPublicKey(PrivateKey key, Path file) throws IOException {
    if (!(key instanceof ECPrivateKey ours)) {
      throw new IOException(
          "%s is there without its certificate, and it is a key of another kind (%s) than BlendNet makes. Put the certificate beside it, or move it away"
              .formatted(file, key.getAlgorithm()));
    }
    ECPoint point = CustomNamedCurves.getByName(CURVE).getG().multiply(ours.getS()).normalize();
    try {
      PublicKey publicKey =
          KeyFactory.getInstance("EC")
              .generatePublic(
                  new ECPublicKeySpec(
                      new java.security.spec.ECPoint(
                          point.getAffineXCoord().toBigInteger(),
                          point.getAffineYCoord().toBigInteger()),
                      ours.getParams()));
      if (!belongTogether(publicKey, key)) {
        throw new IOException(file + " is a key on another curve than P-256; move it away");
      }
      return new KeyPair(publicKey, key);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " is a key on another curve than P-256; move it away", e);
    }
  }
}
