namespace Pmq.Core.Tests.Identity;

/// <summary>
/// Keys of all four types: the vectors of the libp2p peer-ids specification, and what js-libp2p made with them.
/// </summary>
internal static class KeyVectors
{
    public const string Ed25519Private =
        "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c"
        + "3cacf6010f0e42d474fce27e";

    public const string Ed25519Public = "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    public const string Ed25519Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    public const string Ed25519Cid = "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6";

    public const string Secp256k1Private = "0802122053dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb";
    public const string Secp256k1Public = "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99";
    public const string Secp256k1Peer = "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY";
    public const string Secp256k1Cid = "bafzaajiiaijcca3xo7uzjzcsyilaj6i54cj44qk7kqzpoao5rti2pjx6udtdbp6kte";

    public const string EcdsaPrivate =
        "08031279307702010104203e5b1fe9712e6c314942a750bd67485de3c1efe85b1bfb520ae8f9ae3dfa4a4ca00a06082a8648ce3d030107"
        + "a14403420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c"
        + "47c646a597fb4dcec034e9f77c409e62";

    public const string EcdsaPublic =
        "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4b"
        + "c901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

    public const string EcdsaPeer = "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk";
    public const string EcdsaCid = "bafzbeidigywdclqvl5hxfefwp5onbffcfife7pza57mmfb4tiqmtkdjw64";

    /// <summary>4096 bits.</summary>
    public const string RsaPublic =
        "080012a60430820222300d06092a864886f70d01010105000382020f003082020a0282020100e1beab071d08200bde24"
        + "eef00d049449b07770ff9910257b2d7d5dda242ce8f0e2f12e1af4b32d9efd2c090f66b0f29986dbb645dae988008970"
        + "4a94e5066d594162ae6ee8892e6ec70701db0a6c445c04778eb3de1293aa1a23c3825b85c6620a2bc3f82f9b0c309bc0"
        + "ab3aeb1873282bebd3da03c33e76c21e9beb172fd44c9e43be32e2c99827033cf8d0f0c606f4579326c930eb4e854395"
        + "ad941256542c793902185153c474bed109d6ff5141ebf9cd256cf58893a37f83729f97e7cb435ec679d2e33901d27bb3"
        + "5aa0d7e20561da08885ef0abbf8e2fb48d6a5487047a9ecb1ad41fa7ed84f6e3e8ecd5d98b3982d2a901b4454991766d"
        + "a295ab78822add5612a2df83bcee814cf50973e80d7ef38111b1bd87da2ae92438a2c8cbcc70b31ee319939a3b9c761d"
        + "bc13b5c086d6b64bf7ae7dacc14622375d92a8ff9af7eb962162bbddebf90acb32adb5e4e4029f1c96019949ecfbfeff"
        + "d7ac1e3fbcc6b6168c34be3d5a2e5999fcbb39bba7adbca78eab09b9bc39f7fa4b93411f4cc175e70c0a083e96bfaefb"
        + "04a9580b4753c1738a6a760ae1afd851a1a4bdad231cf56e9284d832483df215a46c1c21bdf0c6cfe951c18f1ee4078c"
        + "79c13d63edb6e14feaeffabc90ad317e4875fe648101b0864097e998f0ca3025ef9638cd2b0caecd3770ab54a1d9c6ca"
        + "959b0f5dcbc90caeefc4135baca6fd475224269bbe1b0203010001";

    public const string RsaPeer = "QmaeANgBs1DTSxWSrPPtobgQuxW8XTfsS4ydbK4rCHzqxG";
    public const string RsaCid = "bafzbeifwzcumbiyql7bhv7fe7mixg6i7aohegq75k234m63bnw6dbicmzu";

    /// <summary>Signatures of the three bytes "pmq" by js-libp2p with the keys above.</summary>
    public const string Ed25519Signature =
        "ce7805309aad720093689cc73b515fb0fb0933e3bb81429cdd37b35cbdf137a22393ca448539be2b0e8939510074cc125bdeab7109633"
        + "67b613f26877489f509";

    public const string Secp256k1Signature =
        "304402205df8561e3a6dd670a78311ce717939b57c7a5f931b572e59b862eba64a2da71902205c04a7bc01925e547735b4c006bd2f3e1"
        + "1c6ac30ea3b8e2f91dd8e4ef2cc9c48";

    /// <summary>A signature of "pmq" by OpenSSL with the ECDSA key above; js-libp2p makes none of this type.</summary>
    public const string EcdsaSignature =
        "304402205be5a8b9c9f442f6bb538c66bcdda59043dc5dc4a4d18c59dd7e0054a4aae765022058cd9803185a18aa14ea"
        + "19d301865f7cd96f370f7c6b98d6b2183f878211e71c";

    /// <summary>A key of 2048 bits that js-libp2p made, its peer and its signature of "pmq".</summary>
    public const string JsRsaPublic =
        "080012a60230820122300d06092a864886f70d01010105000382010f003082010a0282010100c6da786a716660cbd509"
        + "143a9ba37c09f26457ec2a719da55356447e05fe95d69402d2eac651d2ba70fd29a96abfe8d74b5538251977a57787f4"
        + "e42fafa43b90f32de771788b16d415494696193366f4ab24c1ae920c928ff4c8c289d587d0964109ca9faac57400500b"
        + "d126f428a6ad5b74f683f2b5645a7af7a74b3f9f7cf71db5c8116c19a3aa53a55a14c402f89c65e99c21992b8ec35874"
        + "9d9df1bd68a95473938b2a2ef06dee52cd1cd45bc164c854014fea5a0754646d8c4188cb9542fda44924bbc9abef581a"
        + "5ead40d2a6c1d0ebcc6a0ad1b74774083bd5c54238e64375914f191707823dd2532c2f1fbb46b24f466b28c96a631648"
        + "dcfa1423cfd70203010001";

    public const string JsRsaPeer = "QmaddPEYRd6xSLGFbrUdyTB84AtP57rKhXNvQqkwA4HQWS";

    public const string JsRsaSignature =
        "b2c75c8dc3337efe9c4ac61bad7f709151fb0d5a9a9150574a3f6d8d584c41ee172f3dc4832ef09024c96472c414b314"
        + "6d6186f33d2a140d4bce8cb68d4b0ba57597d1fd24d6ae94e9402315ac93d5ac0c81fd38f595f8424315a55288023831"
        + "010c0c2d6c2795dbdd2aa3bbce03dd1de0b20fac15692c50e5e0863bf108a7181e9d57db664c37cff5689a202f947bb8"
        + "ee7dffe6bb31baa05cfd69d4d13688311c3269fd3b20fe5f97628cc8ee31d599ccd0566a422f1de5fdd1dc590a1f2276"
        + "aba8695080fa06e79717e33e84f2be71f44f1200b020d6adf80a68cab7a45a0de8ead96aa9306de8706d524cb6f1d031"
        + "6b1127476545d044c9349660d34a4e5c";

    /// <summary>
    /// Peer records that js-libp2p sealed with the Ed25519 and the secp256k1 key: sequence 1234567890123,
    /// /ip4/127.0.0.1/tcp/4001 and /dns4/example.org/tcp/443/wss.
    /// </summary>
    public const string Ed25519Record =
        "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e120203011a510a260024"
        + "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e10cb89ec8ff7231a0a0a0804"
        + "7f000001060fa11a140a12360b6578616d706c652e6f72670601bbde032a40a561cd98ec883311e80c807227f9805edf"
        + "bf3338a346f6884518ab0de03e7f7d6a3081a896ea16e1a112ac71ee2173b57d1adf8907e007344976033c5ca0a106";

    public const string Secp256k1Record =
        "0a2508021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99120203011a520a2700"
        + "2508021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca9910cb89ec8ff7231a0a0a"
        + "08047f000001060fa11a140a12360b6578616d706c652e6f72670601bbde032a473045022100e127c13595e4e4b51be3"
        + "888afdf50016fb09f1527b7657bed7c8eee4d456f50c02203481a7eb9b3f99726f3d0d1b46e376a78ef7223fdc694358"
        + "2cd7db59ac99d2d7";
}
