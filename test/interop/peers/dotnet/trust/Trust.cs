// What programs with certificates share: their own, and whom they trust.
using System.IdentityModel.Selectors;
using System.IdentityModel.Tokens;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.ServiceModel.Security;

namespace Interop
{
    /// <summary>Trust in the CA of one file, and in no other.</summary>
    public sealed class Trust : X509CertificateValidator
    {
        readonly string ca;
        readonly X509RevocationMode revocation;

        /// <param name="ca">Path of the CA's certificate, PEM.</param>
        public Trust(string ca, X509RevocationMode revocation = X509RevocationMode.NoCheck)
        {
            this.ca = ca;
            this.revocation = revocation;
        }

        /// <param name="usage">The use that it must be for (EKU); null: any.</param>
        public bool Chains(X509Certificate certificate, string usage = null)
        {
            using (var chain = new X509Chain())
            {
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(ca);
                chain.ChainPolicy.RevocationMode = revocation;
                if (usage != null) chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
                return certificate != null && chain.Build(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
            }
        }

        public override void Validate(X509Certificate2 certificate)
        {
            if (!Chains(certificate)) throw new SecurityTokenValidationException("not of the CA");
        }

        /// <summary>For a client's credentials.</summary>
        public X509ServiceCertificateAuthentication ForServices()
        {
            return new X509ServiceCertificateAuthentication
            {
                CertificateValidationMode = X509CertificateValidationMode.Custom,
                CustomCertificateValidator = this,
            };
        }

        /// <summary>A certificate with its key.</summary>
        public static X509Certificate2 Load(string certificate, string key)
        {
            // A key that was only read from PEM is not taken by every platform.
            using (var read = X509Certificate2.CreateFromPemFile(certificate, key))
                return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
        }
    }
}
