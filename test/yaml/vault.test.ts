import { expect } from 'chai';
import { type AuthorError, describe as show } from '../../engine/errors.ts';
import { Source } from '../../engine/values.ts';
import { decryptVault, encryptVault, isVault, type VaultSecret } from '../../engine/yaml/index.ts';
import { vaultId } from '../../engine/yaml/vault.ts';

// Written by ansible-vault of ansible-core 2.19 from the text `plain`.
const plain = 'plain: "text é"\nsecond: line\n';
const one: VaultSecret = { id: 'default', password: 'secret one' };
const prod: VaultSecret = { id: 'prod', password: 'zweites Geheimnis é' };
const texts = {
  unnamed: [
    '$ANSIBLE_VAULT;1.1;AES256',
    '66323138396332623433303231623238646137343432343865663130633865653565343433656332',
    '3837333632616161303961373632353964386662393933330a386336313662383735323635663933',
    '65336663346533383266396364623839626431366666303865333630636433666238333362386131',
    '3935343265393936640a336433316139326537643039376138613837626664393232313466633464',
    '38623066393164383335666364366538336331626531313633636239616437313139',
  ].join('\n'),
  prod: [
    '$ANSIBLE_VAULT;1.2;AES256;prod',
    '38316233376466333666376338343966633466643261386339653537323139623939306532656136',
    '6466343461363733643836313930313564643366353639650a646163663661343135386234383835',
    '64656265653565396635373336616563323961616162333966386663663561316230376164363532',
    '3734653833373966360a613339653336323863313462653165303233373634373661323133336662',
    '38653635306566656366353934346132313639316665363762653263393665353262',
  ].join('\n'),
};

const saltOf = (text: string): Buffer => {
  const hex = text.split('\n').slice(1).join('');
  return Buffer.from(Buffer.from(hex, 'hex').toString('latin1').split('\n')[0]!, 'hex');
};

const help = (text: string, secrets: VaultSecret[]): string => {
  try {
    decryptVault(text, secrets, { source: new Source('secrets.yml', text), offset: 0 });
  } catch (error) {
    return show((error as AuthorError).findings[0]!);
  }
  throw new Error('no error');
};

describe("Ansible's vault format", () => {
  it('is recognised, with its id', () => {
    expect([isVault(texts.unnamed), isVault(texts.prod), isVault('a: 1')]).to.deep.equal([true, true, false]);
    expect([vaultId(texts.unnamed), vaultId(texts.prod)]).to.deep.equal([undefined, 'prod']);
  });

  it('decrypts what ansible-vault wrote, by the named secret or any that fits', () => {
    expect(decryptVault(texts.unnamed, [one])).to.equal(plain);
    expect(decryptVault(texts.prod, [one, prod])).to.equal(plain);
    expect(decryptVault(texts.prod, [{ ...prod, id: 'other' }])).to.equal(plain);
    const indented = texts.prod.replace(/\n/g, '\r\n    ');
    expect(decryptVault(indented, [prod])).to.equal(plain);
  });

  it('writes, with the same salt, the very text that ansible-vault wrote', () => {
    expect(encryptVault(plain, one, saltOf(texts.unnamed))).to.equal(`${texts.unnamed}\n`);
    expect(encryptVault(plain, prod, saltOf(texts.prod))).to.equal(`${texts.prod}\n`);
  });

  it('reads back what it wrote, with a new salt each time', () => {
    const [first, second] = [encryptVault('x'.repeat(5000), one), encryptVault('x'.repeat(5000), one)];
    expect(first).not.to.equal(second);
    expect(decryptVault(second, [one])).to.equal('x'.repeat(5000));
    expect(decryptVault(encryptVault('', one), [one])).to.equal('');
  });

  it('says what is missing or wrong', () => {
    expect(help(texts.prod, [])).to.match(
      /^error: this is encrypted with the id `prod`, and no vault password was given\n --> secrets.yml:1:1\n/,
    );
    expect(help(texts.prod, [one])).to.contain('none of the vault passwords decrypts this with the id `prod`');
    expect(help(texts.unnamed.replace('AES256', 'AES'), [one])).to.contain('the vault cipher `AES` is not supported');
    expect(help(texts.unnamed.slice(0, -3), [one])).to.contain('the encrypted text is damaged');
    expect(help(texts.unnamed.replaceAll('\n', ' '), [one])).to.match(
      /were joined into one[\s\S]*help: write `!vault \|`/,
    );
    expect(help('$ANSIBLE_VAULT;3.0;X\n', [one])).to.contain("not in Ansible's vault format");
  });
});
