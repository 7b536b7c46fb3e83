/**
 * Identities whose QR codes are measured: from one field to photos and fingerprints, in several scripts.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Biometric, Identity } from 'hardkey/formats/claim169';
import sharp from 'sharp';

/** What is measured. */
export interface Scenario {
  readonly name: string;
  readonly identity: Identity;
}

const BASIC: Identity = {
  id: '3918592438',
  fullName: 'Janardhan Bangalore Srinivas',
  dateOfBirth: '19840418',
  gender: 1,
  address: 'New House, Near Metro Line, Bengaluru, KA',
};
const FULL: Identity = {
  ...BASIC,
  version: '1.0',
  language: 'eng',
  firstName: 'Janardhan',
  middleName: 'Bangalore',
  lastName: 'Srinivas',
  address: 'New House, Near Metro Line\n12th Cross, Indiranagar\nBengaluru, KA 560038',
  email: 'janardhan@example.com',
  phone: '+919876543210',
  nationality: 'IN',
  maritalStatus: 2,
  guardian: '849503857',
  secondaryFullName: 'Janardhan B S',
  secondaryLanguage: 'hin',
  locationCode: '849VCWC8+R9',
  legalStatus: 'Citizen',
  countryOfIssuance: 'IN',
};

const ARABIC: Identity = {
  id: '784198412345671',
  language: 'ara',
  fullName: 'محمد عبد الله بن خالد الهاشمي',
  firstName: 'محمد',
  lastName: 'الهاشمي',
  dateOfBirth: '19840418',
  gender: 1,
  address: 'شارع الملك عبد العزيز، حي الورود، الرياض ١٢٢٥٣، المملكة العربية السعودية',
  nationality: 'SA',
};
const HINDI: Identity = {
  id: '391859243812',
  language: 'hin',
  fullName: 'जनार्दन बेंगलुरु श्रीनिवास',
  firstName: 'जनार्दन',
  lastName: 'श्रीनिवास',
  dateOfBirth: '19840418',
  gender: 1,
  address: 'नया घर, मेट्रो लाइन के पास, इंदिरानगर, बेंगलुरु, कर्नाटक',
  nationality: 'IN',
};
const CHINESE: Identity = {
  id: '110101198404180017',
  language: 'zho',
  fullName: '欧阳建国',
  dateOfBirth: '19840418',
  gender: 1,
  address: '北京市东城区东长安街一号院二号楼三单元四零一室',
  nationality: 'CN',
};
const THAI: Identity = {
  id: '1103700123456',
  language: 'tha',
  fullName: 'นายสมชาย ใจดีรักษ์ไทย',
  firstName: 'สมชาย',
  lastName: 'ใจดีรักษ์ไทย',
  dateOfBirth: '19840418',
  gender: 1,
  address: 'เลขที่ ๙๙ หมู่ ๓ ถนนสุขุมวิท แขวงคลองเตย กรุงเทพมหานคร',
  nationality: 'TH',
};
const BILINGUAL: Identity = {
  ...ARABIC,
  address: 'شارع الملك عبد العزيز، الرياض ١٢٢٥٣',
  secondaryFullName: 'Mohammed Abdullah bin Khalid Al-Hashimi',
  secondaryLanguage: 'eng',
};

/** Bytes that do not compress, always the same. */
function noise(length: number, seed: string): Uint8Array {
  return Uint8Array.from(hash('shake256', seed, { outputEncoding: 'buffer', outputLength: length }));
}

function photo(data: Uint8Array): Identity {
  return { photo: data, photoFormat: 4 };
}

function face(data: Uint8Array): readonly [Biometric] {
  return [{ data, format: 0, subFormat: 4 }];
}

function fingers(length: number): Identity {
  const sample = (name: string): readonly [Biometric] => [
    { data: noise(length, name), format: 1, subFormat: 1, issuer: 'VendorA' },
  ];
  return {
    rightThumb: sample('right thumb'),
    rightPointerFinger: sample('right pointer finger'),
    leftThumb: sample('left thumb'),
    leftPointerFinger: sample('left pointer finger'),
  };
}

/** A small picture in colours, as a library writes it that keeps the profile, and without all of that. */
async function picture(profile: boolean): Promise<Uint8Array> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800"><rect width="600" height="800" fill="#8fa8c0"/>
    <ellipse cx="300" cy="380" rx="190" ry="250" fill="#d0a080"/><ellipse cx="300" cy="760" rx="260" ry="180" fill="#345"/>
    <circle cx="230" cy="330" r="25"/><circle cx="370" cy="330" r="25"/><path d="M230 500q70 60 140 0" stroke="#822" stroke-width="14" fill="none"/></svg>`;
  const image = sharp(Buffer.from(drawing)).resize({ height: 96 });
  const kept = profile ? image.ensureAlpha(0.99).withIccProfile('srgb') : image.removeAlpha();
  return Uint8Array.from(await kept.webp({ quality: 40 }).toBuffer());
}

/** All of them. */
export async function scenarios(): Promise<readonly Scenario[]> {
  const [webp, stripped] = [await picture(true), await picture(false)];
  const rows: readonly (readonly [string, Identity])[] = [
    ['one field of one letter', { id: 'X' }],
    ['minimal: id and name', { id: '3918592438', fullName: 'Janardhan BS' }],
    ['basic demographics', BASIC],
    ['full demographics', FULL],
    ['Arabic', ARABIC],
    ['Hindi', HINDI],
    ['Chinese', CHINESE],
    ['Thai', THAI],
    ['Arabic and Latin', BILINGUAL],
    ['photo of 200 bytes', { ...BASIC, ...photo(noise(200, 'photo')) }],
    ['photo of 800 bytes', { ...BASIC, ...photo(noise(800, 'photo')) }],
    ['face of 500 bytes', { ...BASIC, face: face(noise(500, 'face')) }],
    ['four fingerprints', { ...BASIC, ...fingers(80) }],
    ['full, face and fingerprints', { ...FULL, face: face(noise(500, 'face')), ...fingers(80) }],
    [`WebP with profile, ${webp.length} bytes`, { ...BASIC, face: face(webp) }],
    ['full, WebP with profile', { ...FULL, face: face(webp) }],
    [`WebP without, ${stripped.length} bytes`, { ...BASIC, face: face(stripped) }],
  ];
  return rows.map(([name, identity]) => ({ name, identity }));
}
