/** A pair of names that go together, and the part of the address made from them. */
export interface NamePair {
  readonly givenName: string;
  /** '' for people with a single name. */
  readonly familyName: string;
  readonly country: string;
  /** `given.family` in the letters of an address. */
  readonly slug: string;
}

/** Country, given names, family names. No pair is of a real person on purpose; any likeness is chance. */
const CULTURES: readonly (readonly [country: string, given: string, family: string])[] = [
  [
    'SE',
    'Astrid Björn Freja Håkon Ingrid Søren Linnea Magnus Solveig Eirik Åsa Kåre',
    'Andersson|Bergström|Dahl|Ekström|Haugen|Nygård|Lindqvist|Øverland|Sørensen|Thorsen|Virtanen|Åkesson',
  ],
  [
    'DE',
    'Anke Bastian Dörte Florian Greta Heiko Jürgen Katrin Matthias Sabine Uwe Wiebke',
    'Bauer|Böhm|Götz|Hoffmann|Jäger|Köhler|Krüger|Schäfer|Weiß|Zimmermann|von der Heide|Vogel',
  ],
  [
    'FR',
    'Amélie Benoît Chloé Gaël Hélène Jérôme Léa Maël Noémie Rémi Solène Yves',
    "Beauchamp|Chevalier|D'Aubigné|Desrosiers|Lefèvre|L'Hôte|Mercier|Moreau|Noël|Périer|Rousseau|Saint-Clair",
  ],
  [
    'ES',
    'Álvaro Begoña Catalina Diego Esperanza Fermín Guadalupe Íñigo Joaquín Lucía Martín Ximena',
    'Álvarez Ruano|Cabrera Soto|Domínguez|Espinoza|García López|Ibáñez|Muñoz Rivas|Núñez|Ortega Vidal|Peña|Quiroga|Zúñiga',
  ],
  [
    'PT',
    'Afonso Beatriz Conceição Duarte Eunice Filipe Gonçalo Inês João Lurdes Moacir Tainá',
    'Almeida|Barbosa|Carvalho|Conceição Dias|Esteves|Fonseca|Gouveia|Leitão|Magalhães|Pinheiro|Queirós|Sá Nogueira',
  ],
  [
    'PL',
    'Agnieszka Bartosz Dorota Grażyna Kacper Łukasz Małgorzata Paweł Stanisław Wojciech Zbigniew Żaneta',
    'Adamczyk|Błaszczyk|Dąbrowski|Gołąb|Kamiński|Kowalczyk|Łapiński|Nowicki|Pawłowski|Szymański|Wójcik|Żak',
  ],
  [
    'TR',
    'Ayşe Barış Çağla Deniz Emre Gülşen Hakan İpek Kerem Nilüfer Özgür Şule',
    'Aksoy|Aydın|Çelik|Demirtaş|Erdoğdu|Güneş|Karaca|Kılıç|Öztürk|Şahin|Uçar|Yıldız',
  ],
  [
    'EG',
    'Amal Bassam Dalia Farid Hanan Ismail Karim Layla Mahmoud Nadia Samir Zeinab',
    'Abdel Aziz|Al-Masri|Bakir|El-Sayed|Fahmy|Haddad|Khalil|Mansour|Nasser|Rahman|Shaheen|Younis',
  ],
  [
    'IN',
    'Aarav Bhavna Chitra Dinesh Gauri Harish Kavita Manoj Nandini Rohan Sunita Vikram',
    'Banerjee|Chaudhary|Deshpande|Gopal|Iyer|Joshi|Kulkarni|Mukherjee|Nair|Patel|Reddy|Venkataraman',
  ],
  [
    'CN',
    'Bo Chen-Xi Fang Guo-Wei Hui Jian Lan Min-Jie Ping Qing Xiu-Ying Zhen',
    'Cai|Deng|Feng|Guo|He|Liang|Ouyang|Qian|Shen|Wei|Xu|Zhao',
  ],
  [
    'JP',
    'Akira Chiyo Daichi Emi Haruto Kaede Megumi Naoki Ryō Sakura Takeshi Yūko',
    'Arakawa|Endō|Fujimoto|Hayashi|Ishikawa|Katō|Matsuda|Nakamura|Ōnishi|Saitō|Watanabe|Yoshida',
  ],
  [
    'KR',
    'Bo-ra Dong-hyun Eun-ji Hae-won Ji-hoon Kyung-soo Min-seo Na-yeon Sang-woo Seo-yeon Tae-yang Yu-na',
    'Ahn|Bae|Cho|Choi|Han|Hwang|Jung|Kwon|Lim|Park|Seo|Yoon',
  ],
  [
    'VN',
    'Anh Bảo Châu Đức Hạnh Hương Khánh Linh Ngọc Phúc Thảo Tuấn',
    'Bùi|Đặng|Đỗ|Hồ|Huỳnh|Lê|Nguyễn|Phạm|Phan|Trần|Trương|Võ',
  ],
  [
    'NG',
    'Abiola Chidi Efua Folake Ifeoma Kwame Ngozi Obinna Sade Temitope Uchenna Yetunde',
    'Adebayo|Bello|Chukwu|Danjuma|Eze|Fashola|Ibekwe|Mensah|Nwosu|Ogunleye|Quaye|Uzoma',
  ],
  [
    'IE',
    'Aisling Brendan Ciarán Deirdre Eoin Fionnuala Gráinne Niamh Oisín Róisín Seán Tadhg',
    "Byrne|Fitzgerald|Gallagher|MacCarthy|McLoughlin|O'Brien|O'Connell|Ó Dálaigh|O'Shea|Quinn|Sweeney|Walsh",
  ],
  [
    'GB',
    'Alice Benjamin Charlotte Edward Fiona Harriet Isaac Joanna Nathan Olivia Rupert Zoë',
    'Ashworth|Barrow|Carter-Hughes|Davies|Ellison|Fletcher|Hargreaves|Lockwood|Morrison|Pemberton|Thatcher|Whitfield',
  ],
  ['ID', 'Adi Bambang Cahya Dewi Eko Gusti Indah Ketut Ningsih Putri Surya Wayan', '|Hartono|Kusuma|Wibowo|Santoso'],
];

/** Letters that Unicode does not take apart into a letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  æ: 'ae',
};

/** All pairs of names of the crowd. Their slugs differ from each other. */
export const NAME_PAIRS: readonly NamePair[] = CULTURES.flatMap(([country, given, family]) =>
  given.split(' ').flatMap((givenName) =>
    family.split('|').map((familyName) => ({
      givenName,
      familyName,
      country,
      slug: [givenName, familyName].filter(Boolean).map(slugOf).join('.'),
    })),
  ),
);

/** A name in the letters of an address: `García López` becomes `garcia-lopez`, `O'Brien` `obrien`. */
function slugOf(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z]/g, (letter) => LETTERS[letter] ?? (letter === ' ' || letter === '-' ? '-' : ''));
}
