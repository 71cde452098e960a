# SPDX-License-Identifier: Apache-2.0
"""XML Signature (W3C, 2008): what message headers carry to sign a message."""

from __future__ import annotations

from v2g.schema import xs
from v2g.schema.declare import Complex, attribute, characters, many
import v2g.schema.xmldsig as t

XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#'


class CanonicalizationMethod(Complex, ns=XMLDSIG, element=True, mixed=True, content='(ANY*)'):
    Algorithm: xs.anyURI = attribute()


class DSAKeyValue(
    Complex, ns=XMLDSIG, element=True, content='((P, Q)?, G?, Y, J?, (Seed, PgenCounter)?)'
):
    P: xs.base64Binary | None = None
    Q: xs.base64Binary | None = None
    G: xs.base64Binary | None = None
    Y: xs.base64Binary
    J: xs.base64Binary | None = None
    Seed: xs.base64Binary | None = None
    PgenCounter: xs.base64Binary | None = None


class DigestMethod(Complex, ns=XMLDSIG, element=True, mixed=True, content='(ANY*)'):
    Algorithm: xs.anyURI = attribute()


class KeyInfo(
    Complex,
    ns=XMLDSIG,
    element=True,
    mixed=True,
    content='(KeyName | KeyValue | RetrievalMethod | X509Data | PGPData'
    ' | SPKIData | MgmtData | ANY)+',
):
    Id: xs.ID | None = attribute(default=None)
    KeyName: list[xs.string] = many(0, factory=list)
    KeyValue: list[t.KeyValue] = many(0, factory=list)
    RetrievalMethod: list[t.RetrievalMethod] = many(0, factory=list)
    X509Data: list[t.X509Data] = many(0, factory=list)
    PGPData: list[t.PGPData] = many(0, factory=list)
    SPKIData: list[t.SPKIData] = many(0, factory=list)
    MgmtData: list[xs.string] = many(0, factory=list)


class KeyValue(
    Complex, ns=XMLDSIG, element=True, mixed=True, content='(DSAKeyValue | RSAKeyValue | ANY)'
):
    DSAKeyValue: t.DSAKeyValue | None = None
    RSAKeyValue: t.RSAKeyValue | None = None


class RSAKeyValue(Complex, ns=XMLDSIG, element=True):
    Modulus: xs.base64Binary
    Exponent: xs.base64Binary


class RetrievalMethod(Complex, ns=XMLDSIG, element=True):
    Type: xs.anyURI | None = attribute(default=None)
    URI: xs.anyURI | None = attribute(default=None)
    Transforms: t.Transforms | None = None


class Transforms(Complex, ns=XMLDSIG, element=True):
    Transform: list[t.Transform] = many(1)


class Transform(Complex, ns=XMLDSIG, element=True, mixed=True, content='(ANY | XPath)*'):
    Algorithm: xs.anyURI = attribute()
    XPath: list[xs.string] = many(0, factory=list)


class X509Data(
    Complex,
    ns=XMLDSIG,
    element=True,
    content='((X509IssuerSerial | X509SKI | X509SubjectName | X509Certificate | X509CRL | ANY))+',
):
    X509IssuerSerial: list[t.X509IssuerSerial] = many(0, factory=list)
    X509SKI: list[xs.base64Binary] = many(0, factory=list)
    X509SubjectName: list[xs.string] = many(0, factory=list)
    X509Certificate: list[xs.base64Binary] = many(0, factory=list)
    X509CRL: list[xs.base64Binary] = many(0, factory=list)


class X509IssuerSerial(Complex, ns=XMLDSIG):
    X509IssuerName: xs.string
    X509SerialNumber: xs.integer


class PGPData(
    Complex,
    ns=XMLDSIG,
    element=True,
    content='((PGPKeyID, PGPKeyPacket?, ANY*) | (PGPKeyPacket, ANY*))',
):
    PGPKeyID: xs.base64Binary | None = None
    PGPKeyPacket: xs.base64Binary | None = None


class SPKIData(Complex, ns=XMLDSIG, element=True, content='(SPKISexp, ANY?)+'):
    SPKISexp: list[xs.base64Binary] = many(0, factory=list)


class Manifest(Complex, ns=XMLDSIG, element=True):
    Id: xs.ID | None = attribute(default=None)
    Reference: list[t.Reference] = many(1)


class Reference(Complex, ns=XMLDSIG, element=True):
    Id: xs.ID | None = attribute(default=None)
    Type: xs.anyURI | None = attribute(default=None)
    URI: xs.anyURI | None = attribute(default=None)
    Transforms: t.Transforms | None = None
    DigestMethod: t.DigestMethod
    DigestValue: xs.base64Binary


class Object(Complex, ns=XMLDSIG, element=True, mixed=True, content='(ANY)*'):
    Encoding: xs.anyURI | None = attribute(default=None)
    Id: xs.ID | None = attribute(default=None)
    MimeType: xs.string | None = attribute(default=None)


class Signature(Complex, ns=XMLDSIG, element=True):
    Id: xs.ID | None = attribute(default=None)
    SignedInfo: t.SignedInfo
    SignatureValue: t.SignatureValue
    KeyInfo: t.KeyInfo | None = None
    Object: list[t.Object] = many(0, factory=list)


class SignedInfo(Complex, ns=XMLDSIG, element=True):
    Id: xs.ID | None = attribute(default=None)
    CanonicalizationMethod: t.CanonicalizationMethod
    SignatureMethod: t.SignatureMethod
    Reference: list[t.Reference] = many(1)


class SignatureMethod(
    Complex, ns=XMLDSIG, element=True, mixed=True, content='(HMACOutputLength?, ANY*)'
):
    Algorithm: xs.anyURI = attribute()
    HMACOutputLength: xs.integer | None = None


class SignatureValue(Complex, ns=XMLDSIG, element=True):
    Id: xs.ID | None = attribute(default=None)
    text: xs.base64Binary = characters()


class SignatureProperties(Complex, ns=XMLDSIG, element=True):
    Id: xs.ID | None = attribute(default=None)
    SignatureProperty: list[t.SignatureProperty] = many(1)


class SignatureProperty(Complex, ns=XMLDSIG, element=True, mixed=True, content='(ANY)+'):
    Id: xs.ID | None = attribute(default=None)
    Target: xs.anyURI = attribute()


document = Signature
SIMPLE_ELEMENTS = {
    ('DigestValue', XMLDSIG): xs.Base64(),
    ('KeyName', XMLDSIG): xs.Text(),
    ('MgmtData', XMLDSIG): xs.Text(),
}
